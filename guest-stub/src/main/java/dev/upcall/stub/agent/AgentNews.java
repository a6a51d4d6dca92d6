package dev.upcall.stub.agent;

import dev.upcall.proto.extension.Bytes;
import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.EventKind;
import dev.upcall.proto.extension.EventNotify;
import dev.upcall.proto.extension.service.CloseReason;
import dev.upcall.proto.extension.service.ExtensionService;
import dev.upcall.proto.extension.service.ServiceOrder;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioWindow;
import dev.upcall.stub.machine.MachineChange;
import dev.upcall.stub.observe.AgentDump;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// What an agent has to tell and what it has been told (§3): changes of the machine become events at
/// once, user events wait for room, in order.
public final class AgentNews {

    /// So many user events may wait for room; a source that is faster is told so and comes again.
    public static final int USER_WAITING_MAX = 256;

    private final List<MachineChange> changes = new ArrayList<>();
    private final ArrayDeque<Bytes> waiting = new ArrayDeque<>();
    private long raised;
    private long heard;
    private long missed;
    private String lastHeard = "";

    /// Called by the machine while it works.
    public void changed(MachineChange change) {
        changes.add(change);
    }

    public boolean hasChanges() {
        return !changes.isEmpty();
    }

    public void raiseChanges(ExtensionService service, boolean leaving, long time, List<ServiceOrder> out) {
        for (MachineChange change : changes) {
            raise(service, kindOf(change), deviceOf(change), leaving, time, out);
        }
        changes.clear();
    }

    /// After its terminal event a guest tells nothing more.
    public void raise(
            ExtensionService service,
            EventKind kind,
            DeviceReference device,
            boolean leaving,
            long time,
            List<ServiceOrder> out) {
        if (!leaving) {
            service.raise(kind, device, Bytes.EMPTY, time, out);
            raised++;
        }
    }

    /// False when it can neither be sent nor wait.
    ///
    /// @throws IllegalArgumentException when the detail is longer than an event can carry
    public boolean user(ExtensionService service, Bytes detail, long time, List<ServiceOrder> out) {
        if (detail.size() > EventNotify.DETAIL_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "an event carries at most " + EventNotify.DETAIL_BYTES_MAX + " bytes: " + detail.size());
        }
        if (waiting.isEmpty() && service.offerUser(DeviceReference.NONE, detail, time, time, out)) {
            raised++;
            return true;
        }
        return waiting.size() < USER_WAITING_MAX && waiting.add(detail);
    }

    /// There is room for those that wait.
    public void room(ExtensionService service, long time, List<ServiceOrder> out) {
        while (!waiting.isEmpty() && service.offerUser(DeviceReference.NONE, waiting.peek(), time, time, out)) {
            raised++;
            waiting.remove();
        }
    }

    public void heard(EventNotify event) {
        heard++;
        lastHeard = event.detail().toUtf8();
    }

    public void missed(long count) {
        missed += count;
    }

    /// The agent is another one, and what this one had in its memory is lost.
    public void forget() {
        changes.clear();
        waiting.clear();
        raised = 0;
        heard = 0;
        missed = 0;
        lastHeard = "";
    }

    public AgentDump dump(ExtensionService service, boolean leaving) {
        Map<CloseReason, Long> closed = new EnumMap<>(CloseReason.class);
        for (CloseReason reason : CloseReason.values()) {
            if (service.closed(reason) > 0) {
                closed.put(reason, service.closed(reason));
            }
        }
        return new AgentDump(
                service.identity(),
                leaving,
                service.clients(),
                raised,
                service.acknowledgedEvents(),
                waiting.size(),
                heard,
                missed,
                lastHeard,
                closed);
    }

    private static EventKind kindOf(MachineChange change) {
        return switch (change) {
            case MachineChange.CpuChanged c -> c.online() ? EventKind.CPU_ONLINE : EventKind.CPU_OFFLINE;
            case MachineChange.MmioChanged c -> c.added() ? EventKind.DEVICE_ADDED : EventKind.DEVICE_REMOVED;
            case MachineChange.PciChanged c -> c.added() ? EventKind.DEVICE_ADDED : EventKind.DEVICE_REMOVED;
        };
    }

    private static DeviceReference deviceOf(MachineChange change) {
        return switch (change) {
            case MachineChange.CpuChanged c -> new DeviceReference.Cpu(new ApicId(c.apicId()));
            case MachineChange.MmioChanged c -> new DeviceReference.Mmio(new MmioWindow(c.base(), c.size()));
            case MachineChange.PciChanged c -> new DeviceReference.Pci(c.function());
        };
    }
}
