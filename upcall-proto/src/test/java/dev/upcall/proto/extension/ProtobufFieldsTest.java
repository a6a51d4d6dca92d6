package dev.upcall.proto.extension;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioWindow;
import dev.upcall.proto.message.PciFunction;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is written and read field by field against the generated classes, which are the measure.
class ProtobufFieldsTest {

    private static final int ROUNDS = 20_000;
    private static final long SEED = 20260101;

    private final Random random = new Random(SEED);

    @Test
    void an_execute_once_is_the_same_bytes_as_the_generated_one() {
        for (int i = 0; i < ROUNDS; i++) {
            long id = Math.max(1, number());
            byte[] load = bytes(ExecuteOnce.LOAD_BYTES_MAX);
            ExecuteOnce once = new ExecuteOnce(epoch(), id, id - 1, (int) number(), Bytes.of(load));
            assertThat(load(once))
                    .isEqualTo(dev.upcall.proto.extension.v1.ExecuteOnce.newBuilder()
                            .setClientEpoch(once.clientEpoch().value())
                            .setRequestId(id)
                            .setAcknowledgedId(id - 1)
                            .setMsgType(once.msgType())
                            .setLoad(ByteString.copyFrom(load))
                            .build()
                            .toByteArray());
        }
    }

    @Test
    void an_outcome_is_the_same_bytes_as_the_generated_one() {
        for (int i = 0; i < ROUNDS; i++) {
            long id = Math.max(1, number());
            int word = (int) number();
            boolean worded = random.nextBoolean();
            boolean replayed = random.nextBoolean();
            OptionalInt said = worded ? OptionalInt.of(word) : OptionalInt.empty();
            var expected = dev.upcall.proto.extension.v1.OnceReply.newBuilder()
                    .setRequestId(id)
                    .setReplayed(replayed);
            if (worded) {
                byte[] load = new byte[4];
                FrameLayout.writeInt(ByteBuffer.wrap(load), 0, word);
                expected.setMsgSize(4).setLoad(ByteString.copyFrom(load));
            }
            assertThat(load(new OnceReply(id, replayed, new Reply.Answer(0, said))))
                    .isEqualTo(expected.build().toByteArray());
        }
    }

    @Test
    void an_event_and_its_acknowledgement_are_the_same_bytes_as_the_generated_ones() {
        for (int i = 0; i < ROUNDS; i++) {
            long sequence = Math.max(1, number());
            EventKind kind = EventKind.ofWire(1 + random.nextInt(EventKind.RESTARTING.wireNumber()));
            byte[] detail = bytes(EventNotify.DETAIL_BYTES_MAX);
            EventNotify event = new EventNotify(
                    epoch(),
                    sequence,
                    kind,
                    device(),
                    Bytes.of(detail),
                    random.nextLong(),
                    random.nextBoolean() ? 0 : sequence - 1);
            var expected = dev.upcall.proto.extension.v1.EventNotify.newBuilder()
                    .setEpoch(event.epoch().value())
                    .setSequence(sequence)
                    .setKindValue(kind.wireNumber())
                    .setDetail(ByteString.copyFrom(detail))
                    .setTimeNs(event.timeNanos())
                    .setDropped(event.dropped());
            switch (event.device()) {
                case DeviceReference.None _ -> {}
                case DeviceReference.Cpu d -> expected.getDeviceBuilder().setCpu(d.id().value());
                case DeviceReference.Mmio d ->
                    expected.getDeviceBuilder()
                            .getMmioBuilder()
                            .setBase(d.window().base())
                            .setSize(d.window().size());
                case DeviceReference.Pci d ->
                    expected.getDeviceBuilder()
                            .getPciBuilder()
                            .setBus(d.function().bus())
                            .setDevfn(d.function().devfn());
            }
            assertThat(load(event)).isEqualTo(expected.build().toByteArray());
            assertThat(load(new EventAck(event.epoch(), sequence)))
                    .isEqualTo(dev.upcall.proto.extension.v1.EventAck.newBuilder()
                            .setEpoch(event.epoch().value())
                            .setSequence(sequence)
                            .build()
                            .toByteArray());
        }
    }

    @Test
    void bytes_at_random_are_readable_exactly_where_the_generated_classes_can_read_them() {
        List<Codec> codecs = List.of(
                new Codec(dev.upcall.proto.extension.v1.ExecuteOnce.parser(), OnceCodec::decodeRequest),
                new Codec(dev.upcall.proto.extension.v1.OnceReply.parser(), b -> OnceCodec.decodeReply(b, 0)),
                new Codec(dev.upcall.proto.extension.v1.EventNotify.parser(), EventCodec::decodeNotify),
                new Codec(dev.upcall.proto.extension.v1.EventAck.parser(), EventCodec::decodeAck));
        int read = 0;
        for (int i = 0; i < 10 * ROUNDS; i++) {
            byte[] load = spoiled(valid());
            for (Codec codec : codecs) {
                boolean readable = codec.readable(load);
                assertThat(codec.reads(load)).as(Bytes.of(load).toString()).isEqualTo(readable);
                read += readable ? 1 : 0;
            }
        }
        assertThat(read).isBetween(ROUNDS, 40 * ROUNDS - ROUNDS);
    }

    @Test
    void whatever_can_be_read_says_what_the_generated_classes_say() throws IOException {
        int compared = 0;
        for (int i = 0; i < 10 * ROUNDS; i++) {
            byte[] load = joined(valid(), valid());
            try {
                var notify = dev.upcall.proto.extension.v1.EventNotify.parseFrom(load);
                if (EventCodec.decodeNotify(load) instanceof Decoded.Message<ExtensionMessage>(EventNotify e)) {
                    assertThat(e.epoch().value()).isEqualTo(notify.getEpoch());
                    assertThat(e.sequence()).isEqualTo(notify.getSequence());
                    assertThat(e.kind()).isEqualTo(EventKind.ofWire(notify.getKindValue()));
                    assertThat(e.detail().toArray())
                            .isEqualTo(notify.getDetail().toByteArray());
                    assertThat(e.timeNanos()).isEqualTo(notify.getTimeNs());
                    assertThat(e.dropped()).isEqualTo(notify.getDropped());
                    assertThat(e.device() instanceof DeviceReference.Mmio)
                            .isEqualTo(notify.getDevice().hasMmio());
                    compared++;
                }
                var once = dev.upcall.proto.extension.v1.ExecuteOnce.parseFrom(load);
                if (OnceCodec.decodeRequest(load) instanceof Decoded.Message<FromHost>(ExecuteOnce r)) {
                    assertThat(r.clientEpoch().value()).isEqualTo(once.getClientEpoch());
                    assertThat(r.requestId()).isEqualTo(once.getRequestId());
                    assertThat(r.acknowledgedId()).isEqualTo(once.getAcknowledgedId());
                    assertThat(r.msgType()).isEqualTo(once.getMsgType());
                    assertThat(r.load().toArray()).isEqualTo(once.getLoad().toByteArray());
                    compared++;
                }
            } catch (InvalidProtocolBufferException _) {
                // another message's fields; the test before this one counts them
            }
        }
        assertThat(compared).isGreaterThan(ROUNDS);
    }

    @FunctionalInterface
    private interface Decoder {
        Decoded<?> decode(byte[] load) throws IOException;
    }

    private record Codec(Parser<? extends MessageLite> measure, Decoder decoder) {
        boolean readable(byte[] load) {
            try {
                measure.parseFrom(load);
                return true;
            } catch (InvalidProtocolBufferException _) {
                return false;
            }
        }

        boolean reads(byte[] load) {
            try {
                decoder.decode(load);
                return true;
            } catch (IOException _) {
                return false;
            }
        }
    }

    private byte[] valid() {
        long id = Math.max(1, number());
        return switch (random.nextInt(4)) {
            case 0 -> load(new ExecuteOnce(epoch(), id, id - 1, (int) number(), Bytes.of(bytes(30))));
            case 1 -> load(new OnceReply(id, random.nextBoolean(), new Reply.Answer(0, OptionalInt.of(7))));
            case 2 -> load(new EventNotify(epoch(), id, EventKind.USER, device(), Bytes.of(bytes(30)), number(), 0));
            default -> load(new EventAck(epoch(), id));
        };
    }

    /// Cut, with one byte changed, with another field before it, or left alone.
    private byte[] spoiled(byte[] load) {
        byte[] copy = load.clone();
        switch (random.nextInt(4)) {
            case 0 -> copy = Arrays.copyOf(copy, random.nextInt(copy.length));
            case 1 -> copy[random.nextInt(copy.length)] = (byte) random.nextInt();
            case 2 -> copy = joined(new byte[] {(byte) random.nextInt(), (byte) random.nextInt()}, copy);
            default -> {}
        }
        return copy;
    }

    private DeviceReference device() {
        return switch (random.nextInt(4)) {
            case 0 -> new DeviceReference.Cpu(new ApicId(random.nextInt(ApicId.MAX)));
            case 1 -> new DeviceReference.Mmio(new MmioWindow(0xD000_0000L, 0x1000));
            case 2 -> new DeviceReference.Pci(PciFunction.ofDevfn(random.nextInt(256), random.nextInt(256)));
            default -> DeviceReference.NONE;
        };
    }

    private Epoch epoch() {
        return new Epoch(random.nextLong() | 1);
    }

    /// 0 or more, of any length.
    private long number() {
        return random.nextLong() >>> (1 + random.nextInt(63));
    }

    private byte[] bytes(int max) {
        byte[] some = new byte[random.nextInt(max + 1)];
        random.nextBytes(some);
        return some;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    private static byte[] load(ExtensionMessage message) {
        byte[] frame = ExtensionWriter.toBytes(message);
        int at = message instanceof ExtensionReply ? FrameLayout.REPLY_LOAD_OFFSET : FrameLayout.REQUEST_LOAD_OFFSET;
        int size = FrameHeader.read(ByteBuffer.wrap(frame), 0).msgSize();
        return Arrays.copyOfRange(frame, at, at + size);
    }
}
