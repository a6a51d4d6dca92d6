package dev.upcall.proto.session;

import dev.upcall.proto.extension.BootId;
import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.CpuInventory;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.ExtensionWriter;
import dev.upcall.proto.extension.Features;
import dev.upcall.proto.extension.FromGuest;
import dev.upcall.proto.extension.FromHost;
import dev.upcall.proto.extension.Handshake;
import dev.upcall.proto.extension.InventoryPage;
import dev.upcall.proto.extension.inventory.Inventory;
import dev.upcall.proto.extension.inventory.InventoryPager;
import dev.upcall.proto.extension.liveness.BindingOrder;
import dev.upcall.proto.extension.service.ExtensionService;
import dev.upcall.proto.extension.service.GuestIdentity;
import dev.upcall.proto.extension.service.ServiceOrder;
import dev.upcall.proto.guest.Cpus;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Operation;
import dev.upcall.proto.message.Reply;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.extended.Extensions;
import dev.upcall.proto.session.extended.News;
import dev.upcall.proto.session.extended.WishAnswer;
import dev.upcall.proto.session.request.Pending;
import dev.upcall.proto.session.request.SendTerms;
import dev.upcall.proto.wire.ExtensionFrame;
import dev.upcall.proto.wire.FrameHeader;
import dev.upcall.proto.wire.FrameLayout;
import dev.upcall.proto.wire.GuestFrame;
import dev.upcall.proto.wire.ReplyFrame;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// A session and an extended guest in one thread: the guest's part is the real `ExtensionService`, what it
/// carries out is a
/// set of CPUs and windows. Bytes go both ways; time stands still until the test moves it.
final class Meeting {

    static final int EINVAL = -22;
    static final int EEXIST = -17;
    static final int ENODEV = -19;

    final Play play;
    final List<News> news = new ArrayList<>();
    final List<WishAnswer> answers = new ArrayList<>();
    final List<FromHost> sent = new ArrayList<>();

    /// What the guest was told by its host.
    final List<EventNotify> heard = new ArrayList<>();

    /// How often each operation was carried out.
    final List<Request> carriedOut = new ArrayList<>();

    final Set<ApicId> cpus = new TreeSet<>(Cpus.ids(0, 1, 2, 3));
    final List<MmioDevice> windows = new ArrayList<>();

    /// The guest reads, and says nothing.
    boolean blackHole;

    /// Operations begin and do not end until [#finish].
    boolean slow;

    /// The guest's connection goes the moment an operation has ended, before its reply.
    boolean loseReply;

    /// Nobody accepts a connection.
    boolean down;

    /// Its generation is another one on every page that it shows.
    boolean restless;

    private boolean unheard;
    private long shown;
    private Features features;
    private ExtensionService service;
    private final ArrayDeque<Runnable> running = new ArrayDeque<>();
    private long epochs = 0x6001;
    private BootId boot = new BootId(1, 1);

    Meeting(SessionRules rules, Features features) {
        this.features = features;
        this.service = service();
        this.play = Play.begun(rules);
    }

    /// Connected to a guest that has everything.
    static Meeting opened() {
        return opened(Features.ALL);
    }

    static Meeting opened(Features features) {
        return new Meeting(Play.asking(Extensions.AUTO), features).begin();
    }

    Meeting begin() {
        return happens(new Event.Started());
    }

    Epoch guest() {
        return service.identity().guestEpoch();
    }

    Meeting happens(Event event) {
        play.happens(event);
        perform(List.copyOf(play.ordered));
        return this;
    }

    Pending submits(Request request) {
        return submits(request, Play.RECOVERING);
    }

    Pending submits(Request request, SendTerms terms) {
        Pending pending = play.submits(request, terms);
        perform(List.copyOf(play.ordered));
        return pending;
    }

    Meeting passes(Duration time) {
        long end = play.now + time.toNanos();
        while (true) {
            long next = Math.min(play.session.nextDeadline(), service.nextDeadline());
            if (next > end) {
                break;
            }
            play.now = Math.max(play.now, next);
            guestTime();
            happens(new Event.TimePassed());
        }
        play.now = end;
        return this;
    }

    /// The guest's stream ends.
    Meeting cut() {
        long epoch = play.epoch();
        service.closed(epoch, play.now, new ArrayList<>());
        return happens(new Event.PeerClosed(epoch, "end of stream"));
    }

    /// The agent is gone with all it knew; another boot where the kernel went too.
    Meeting restart(boolean reboot) {
        epochs++;
        if (reboot) {
            boot = new BootId(boot.high() + 1, 1);
            cpus.clear();
            cpus.addAll(Cpus.ids(0));
            windows.clear();
            running.clear();
        }
        service = service();
        return this;
    }

    Meeting nowHas(Features others) {
        features = others;
        return this;
    }

    Meeting raise(EventKind kind) {
        List<ServiceOrder> orders = new ArrayList<>();
        if (kind.isTerminal()) {
            service.leave(kind, play.now, play.now, orders);
        } else {
            service.raise(kind, DeviceReference.NONE, Bytes.EMPTY, play.now, orders);
        }
        obey(orders);
        return this;
    }

    /// The guest says this, whatever its service thinks.
    Meeting says(FromGuest message) {
        return happens(new Event.ExtensionArrived(
                play.epoch(), (ExtensionFrame) GuestFrame.read(ByteBuffer.wrap(ExtensionWriter.toBytes(message)), 0)));
    }

    /// Ends the oldest operation that runs.
    Meeting finish() {
        running.remove().run();
        return this;
    }

    /// The oldest operation ends, and whoever should hear of it is gone by then.
    Meeting finishUnheard() {
        loseReply = false;
        unheard = true;
        running.remove().run();
        unheard = false;
        return this;
    }

    List<EventNotify> delivered() {
        return news.stream()
                .filter(News.Happened.class::isInstance)
                .map(n -> ((News.Happened) n).event())
                .toList();
    }

    <N extends News> List<N> news(Class<N> kind) {
        return news.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /// BIND FIRST, UNBIND CONNECTION …, as they were told.
    List<String> story() {
        return news(News.Binding.class).stream()
                .map(n -> switch (n.order()) {
                    case BindingOrder.Bind o -> "BIND " + o.cause();
                    case BindingOrder.Unbind o -> "UNBIND " + o.cause();
                    case BindingOrder.Removed o -> "REMOVED " + o.device();
                    case BindingOrder.RenewPicture o -> o.toString();
                })
                .toList();
    }

    /// What the client believes to have plugged in.
    Set<DeviceReference> devices() {
        return Objects.requireNonNull(play.session.extended()).attachment().devices();
    }

    /// The life that opened the connection.
    Epoch met() {
        return Objects.requireNonNull(play.session.opened()).agreed().guestEpoch();
    }

    long probes() {
        return sent.stream().filter(Handshake.Probe.class::isInstance).count();
    }

    // ------------------------------------------------------------------ the driver

    private void perform(List<Action> actions) {
        for (Action action : actions) {
            switch (action) {
                case Action.OpenTransport a -> {
                    if (!down) {
                        happens(new Event.TransportOpened(a.epoch()));
                    }
                }
                case Action.SendConnectLine a -> happens(new Event.ServerAccepted(a.epoch()));
                case Action.SendServiceByte a -> {
                    service.connected(a.epoch());
                    happens(new Event.ServiceAnnounced(a.epoch(), Play.connect()));
                }
                case Action.DropTransport a -> service.closed(a.epoch(), play.now, new ArrayList<>());
                case Action.Transmit a -> plain(a);
                case Action.TransmitOnce a -> arrives(a.epoch(), a.once());
                case Action.Send a -> arrives(a.epoch(), a.message());
                case Action.Tell a -> news.add(a.news());
                case Action.AnswerWish a -> answers.add(a.answer());
                case Action.Complete _, Action.CompleteLate _ -> {} // Play keeps them
            }
        }
        if (play.session.state() instanceof State.Reconnecting s && s.resumeAt() <= play.now && !down) {
            happens(new Event.TimePassed());
        }
    }

    private void arrives(long connection, FromHost message) {
        sent.add(message);
        if (blackHole) {
            return;
        }
        List<ServiceOrder> orders = new ArrayList<>();
        ByteBuffer bytes = ByteBuffer.wrap(ExtensionWriter.toBytes(message)).order(ByteOrder.LITTLE_ENDIAN);
        service.received(connection, ExtensionFrame.readFromHost(bytes, 0), play.now, orders);
        obey(orders);
    }

    private void plain(Action.Transmit a) {
        service.plainRequest(a.epoch());
        run(() -> {
            Reply.Answer answer = carryOut(a.request());
            if (replyIsLost()) {
                return;
            }
            happens(new Event.FrameArrived(
                    a.epoch(),
                    new ReplyFrame(
                            new FrameHeader(
                                    FrameLayout.MAGIC,
                                    answer.word().isPresent() ? 4 : 0,
                                    a.request().operation().msgType(),
                                    0),
                            answer.result(),
                            answer.word().orElse(0))));
        });
    }

    private void run(Runnable operation) {
        if (slow) {
            running.add(operation);
        } else {
            operation.run();
        }
    }

    private boolean replyIsLost() {
        if (loseReply) {
            loseReply = false;
            cut();
            return true;
        }
        return false;
    }

    private void guestTime() {
        List<ServiceOrder> orders = new ArrayList<>();
        service.timePassed(play.now, orders);
        obey(orders);
    }

    private void obey(List<ServiceOrder> orders) {
        for (ServiceOrder order : List.copyOf(orders)) {
            switch (order) {
                case ServiceOrder.Send o -> {
                    if (!blackHole) {
                        deliver(o.connection(), o.message());
                    }
                }
                case ServiceOrder.Refuse o -> refuse(o);
                case ServiceOrder.AsStock _ -> throw new AssertionError("no stock guest here");
                case ServiceOrder.Close o -> happens(new Event.PeerClosed(o.connection(), "end of stream"));
                case ServiceOrder.Execute o -> execute(o);
                case ServiceOrder.ShowInventory o -> show(o);
                case ServiceOrder.Deliver o -> heard.add(o.event());
                case ServiceOrder.Gap _, ServiceOrder.RoomForUser _ -> {}
            }
        }
    }

    private void deliver(long connection, FromGuest message) {
        happens(new Event.ExtensionArrived(
                connection, (ExtensionFrame) GuestFrame.read(ByteBuffer.wrap(ExtensionWriter.toBytes(message)), 0)));
    }

    private void refuse(ServiceOrder.Refuse o) {
        ByteBuffer frame = ByteBuffer.allocate(FrameLayout.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ExtensionWriter.writeRefusal(o.msgType(), o.result(), frame, 0);
        happens(new Event.ExtensionArrived(o.connection(), (ExtensionFrame) GuestFrame.read(frame, 0)));
    }

    private void execute(ServiceOrder.Execute o) {
        ExtensionService begunBy = service;
        run(() -> {
            Reply.Answer answer = carryOut(request(o));
            if (unheard) {
                return;
            }
            if (loseReply) {
                loseReply = false;
                begunBy.executed(o.client(), o.requestId(), answer, new ArrayList<>());
                cut();
                return;
            }
            List<ServiceOrder> orders = new ArrayList<>();
            begunBy.executed(o.client(), o.requestId(), answer, orders);
            obey(orders);
        });
    }

    private static Request request(ServiceOrder.Execute o) {
        ByteBuffer frame = ByteBuffer.allocate(FrameLayout.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        byte[] load = o.load().toArray();
        frame.put(FrameLayout.REQUEST_LOAD_OFFSET, load);
        return switch (Operation.ofMsgType(o.msgType()).orElseThrow()) {
            case ADD_MMIO -> new Request.AddMmio(window(frame));
            case DEL_MMIO -> new Request.DelMmio(window(frame));
            case ADD_CPU -> new Request.AddCpu(ids(load));
            case DEL_CPU -> new Request.DelCpu(ids(load));
            default -> throw new AssertionError("no operation of these tests: " + o);
        };
    }

    private static MmioDevice window(ByteBuffer frame) {
        int at = FrameLayout.REQUEST_LOAD_OFFSET;
        return MmioDevice.of(frame.getLong(at), frame.getLong(at + 8), frame.getInt(at + 16));
    }

    private static List<ApicId> ids(byte[] load) {
        List<ApicId> ids = new ArrayList<>();
        for (int i = 0; i < load[0]; i++) {
            ids.add(new ApicId(Byte.toUnsignedInt(load[2 + i])));
        }
        return ids;
    }

    private Reply.Answer carryOut(Request request) {
        carriedOut.add(request);
        return switch (request) {
            case Request.AddCpu r ->
                counted(cpus.addAll(r.ids()) ? 0 : EEXIST, r.ids().size());
            case Request.DelCpu r ->
                counted(
                        cpus.removeAll(new LinkedHashSet<>(r.ids())) ? 0 : EINVAL,
                        r.ids().size());
            case Request.AddMmio r -> {
                boolean taken = windows.contains(r.device());
                if (!taken) {
                    windows.add(r.device());
                }
                yield new Reply.Answer(taken ? EEXIST : 0, OptionalInt.empty());
            }
            case Request.DelMmio r -> new Reply.Answer(windows.remove(r.device()) ? 0 : ENODEV, OptionalInt.empty());
            default -> throw new AssertionError("no operation of these tests: " + request);
        };
    }

    private static Reply.Answer counted(int result, int count) {
        return new Reply.Answer(result, result == 0 ? OptionalInt.of(count) : OptionalInt.empty());
    }

    private void show(ServiceOrder.ShowInventory o) {
        Inventory inventory = new Inventory(
                guest(),
                service.changes() + (restless ? ++shown : 0),
                service.running() + running.size(),
                new CpuInventory(cpus, cpus, List.copyOf(cpus), ApicId.BOOT),
                service.connections(),
                windows,
                List.of());
        Optional<InventoryPage> page = InventoryPager.page(inventory, o.token());
        if (!blackHole) {
            deliver(o.connection(), page.orElseThrow());
        }
    }

    private ExtensionService service() {
        return new ExtensionService(new GuestIdentity(
                new Epoch(epochs),
                boot,
                "x86_64",
                "test",
                Set.of(Operation.ADD_CPU, Operation.DEL_CPU, Operation.ADD_MMIO, Operation.DEL_MMIO),
                features));
    }
}
