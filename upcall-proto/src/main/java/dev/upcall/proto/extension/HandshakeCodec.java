package dev.upcall.proto.extension;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.upcall.proto.extension.v1.HandshakeRequest;
import dev.upcall.proto.extension.v1.Phase;
import dev.upcall.proto.message.Operation;
import java.util.EnumSet;
import java.util.Set;

/// HANDSHAKE between records and Protobuf.
final class HandshakeCodec {

    private HandshakeCodec() {}

    static HandshakeRequest encode(Handshake handshake) {
        HandshakeRequest.Builder load =
                HandshakeRequest.newBuilder().setMask(Handshake.ACK).setSequence(handshake.sequence());
        return switch (handshake) {
            case Handshake.Probe _ -> load.setPhase(Phase.PHASE_PROBE).build();
            case Handshake.Open m ->
                load.setPhase(Phase.PHASE_OPEN)
                        .setVersionMin(m.versionMin())
                        .setVersionMax(m.versionMax())
                        .setFeatures(m.features().bits())
                        .setClientEpoch(m.clientEpoch().value())
                        .setKnownGuestEpoch(
                                m.knownGuestEpoch().map(Epoch::value).orElse(0L))
                        .setIntervalMs(m.intervalMs())
                        .setResumeAfterEvent(m.resumeAfterEvent())
                        .build();
        };
    }

    static Decoded<FromHost> decodeRequest(byte[] bytes) throws InvalidProtocolBufferException {
        HandshakeRequest load = HandshakeRequest.parseFrom(bytes);
        try {
            if (load.getMask() != Handshake.ACK) {
                throw new IllegalArgumentException(
                        "HANDSHAKE mask must be 0x%04X: 0x%04X".formatted(Handshake.ACK, load.getMask()));
            }
            return new Decoded.Message<>(request(load));
        } catch (IllegalArgumentException e) {
            return faulty(load.getPhase(), e);
        }
    }

    private static Handshake request(HandshakeRequest load) {
        return switch (load.getPhase()) {
            case PHASE_PROBE -> new Handshake.Probe(load.getSequence());
            case PHASE_OPEN -> {
                if (load.getSequence() != 1) {
                    throw new IllegalArgumentException(
                            "sequence of OPEN must be 1: " + Long.toUnsignedString(load.getSequence()));
                }
                yield new Handshake.Open(
                        load.getVersionMin(),
                        load.getVersionMax(),
                        new Features(load.getFeatures()),
                        new Epoch(load.getClientEpoch()),
                        Epoch.ofWire(load.getKnownGuestEpoch()),
                        load.getIntervalMs(),
                        load.getResumeAfterEvent());
            }
            case PHASE_UNSPECIFIED, UNRECOGNIZED -> throw noPhase(load.getPhaseValue());
        };
    }

    static dev.upcall.proto.extension.v1.HandshakeReply encode(HandshakeReply reply) {
        var load = dev.upcall.proto.extension.v1.HandshakeReply.newBuilder()
                .setGuestEpoch(reply.guestEpoch().value());
        return switch (reply) {
            case HandshakeReply.Probe m ->
                load.setPhase(Phase.PHASE_PROBE)
                        .setMask(m.mask())
                        .setSequence(m.sequence())
                        .build();
            case HandshakeReply.Open m -> {
                m.operationsInOrder().forEach(o -> load.addOperationsValue(o.msgType()));
                yield load.setPhase(Phase.PHASE_OPEN)
                        .setMask(Handshake.MASK)
                        .setVersion(m.version())
                        .setFeatures(m.features().bits())
                        .setBootId(ByteString.copyFrom(m.bootId().toBytes()))
                        .setSequence(1)
                        .setIntervalMs(m.intervalMs())
                        .setNextEvent(m.nextEvent())
                        .setResumeAfterEvent(m.resumeAfterEvent())
                        .setOnceLost(m.onceLost())
                        .setArchitecture(m.architecture())
                        .setProduct(m.product())
                        .build();
            }
        };
    }

    static Decoded<FromGuest> decodeReply(byte[] bytes) throws InvalidProtocolBufferException {
        var load = dev.upcall.proto.extension.v1.HandshakeReply.parseFrom(bytes);
        try {
            return new Decoded.Message<>(reply(load));
        } catch (IllegalArgumentException e) {
            return faulty(load.getPhase(), e);
        }
    }

    private static HandshakeReply reply(dev.upcall.proto.extension.v1.HandshakeReply load) {
        Epoch guestEpoch = new Epoch(load.getGuestEpoch());
        return switch (load.getPhase()) {
            case PHASE_PROBE -> new HandshakeReply.Probe(load.getMask(), guestEpoch, load.getSequence());
            case PHASE_OPEN -> {
                if (load.getMask() != Handshake.MASK || load.getSequence() != 1) {
                    throw new IllegalArgumentException(
                            "OPEN is answered with mask 0x%04X, sequence %s; expected 0x%04X, 1"
                                    .formatted(
                                            load.getMask(), Long.toUnsignedString(load.getSequence()), Handshake.MASK));
                }
                yield new HandshakeReply.Open(
                        load.getVersion(),
                        new Features(load.getFeatures()),
                        guestEpoch,
                        BootId.of(load.getBootId().toByteArray()),
                        load.getIntervalMs(),
                        load.getNextEvent(),
                        load.getResumeAfterEvent(),
                        load.getOnceLost(),
                        load.getArchitecture(),
                        load.getProduct(),
                        operations(load));
            }
            case PHASE_UNSPECIFIED, UNRECOGNIZED -> throw noPhase(load.getPhaseValue());
        };
    }

    private static Set<Operation> operations(dev.upcall.proto.extension.v1.HandshakeReply load) {
        Set<Operation> known = EnumSet.noneOf(Operation.class);
        load.getOperationsValueList().stream()
                .filter(value -> value != Operation.CONNECT.msgType())
                .forEach(value -> Operation.ofMsgType(value).ifPresent(known::add));
        return known;
    }

    private static IllegalArgumentException noPhase(int number) {
        return new IllegalArgumentException("HANDSHAKE phase must be OPEN (1) or PROBE (2): " + number);
    }

    private static <M extends ExtensionMessage> Decoded<M> faulty(Phase phase, IllegalArgumentException e) {
        Decoded.Claim claim = switch (phase) {
            case PHASE_OPEN -> Decoded.Claim.OPEN;
            case PHASE_PROBE -> Decoded.Claim.PROBE;
            case PHASE_UNSPECIFIED, UNRECOGNIZED -> Decoded.Claim.OTHER;
        };
        return new Decoded.Faulty<>(ExtensionType.HANDSHAKE, claim, 0, String.valueOf(e.getMessage()));
    }
}
