package dev.upcall.proto.extension.liveness;

import dev.upcall.proto.extension.DeviceReference;
import dev.upcall.proto.extension.Epoch;
import dev.upcall.proto.extension.liveness.BindingOrder.Bind;
import dev.upcall.proto.extension.liveness.BindingOrder.BindCause;
import dev.upcall.proto.extension.liveness.BindingOrder.Removed;
import dev.upcall.proto.extension.liveness.BindingOrder.RenewPicture;
import dev.upcall.proto.extension.liveness.BindingOrder.Unbind;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What the client has plugged into which life of its guest, and what becomes of it (§2). Immutable; the
/// table is in the package's documentation.
///
/// @param policy in force from the next verdict on
/// @param binding to which life
/// @param devices plugged into it; while [Lost] under MANUAL the entries that nobody has unregistered
public record Attachment(RemovalPolicy policy, Binding binding, Set<DeviceReference> devices) {

    public sealed interface Binding {}

    public record Unbound() implements Binding {}

    public record Bound(Epoch epoch) implements Binding {}

    /// The life that was bound is lost, and may answer again.
    ///
    /// @param back what was plugged then and nobody has unregistered since: the picture should it answer again
    public record Lost(Epoch epoch, Set<DeviceReference> back) implements Binding {
        public Lost {
            back = inOrder(back);
        }
    }

    public Attachment {
        devices = inOrder(devices);
    }

    public static Attachment begin(RemovalPolicy policy) {
        return new Attachment(policy, new Unbound(), Set.of());
    }

    /// Takes effect at the next verdict.
    public Attachment under(RemovalPolicy newPolicy) {
        return new Attachment(newPolicy, binding, devices);
    }

    public Attachment judged(Verdict verdict, List<? super BindingOrder> out) {
        return switch (verdict) {
            case Verdict.Alive v -> alive(v.epoch(), out);
            case Verdict.Restarted v -> alive(v.epoch(), out);
            case Verdict.Lost v -> binding instanceof Bound b ? lost(b.epoch(), v.cause(), out) : this;
        };
    }

    /// A device was plugged in; only a bound guest has any.
    public Attachment plugged(DeviceReference device) {
        return binding instanceof Bound && !devices.contains(device) ? with(plus(device)) : this;
    }

    public Attachment unplugged(DeviceReference device) {
        return binding instanceof Bound && devices.contains(device) ? with(minus(devices, device)) : this;
    }

    /// The picture was taken anew.
    public Attachment pictured(Set<DeviceReference> found) {
        return binding instanceof Bound ? with(found) : this;
    }

    /// Gives up a lost entry; anything else changes nothing.
    public Attachment unregister(DeviceReference device, List<? super BindingOrder> out) {
        if (binding instanceof Lost lost && devices.contains(device)) {
            out.add(new Removed(lost.epoch(), device));
            Set<DeviceReference> rest = minus(devices, device);
            return new Attachment(policy, new Lost(lost.epoch(), minus(lost.back(), device)), rest);
        }
        return this;
    }

    /// Gives up all lost entries; anything else changes nothing.
    public Attachment unregisterAll(List<? super BindingOrder> out) {
        Attachment rest = this;
        for (DeviceReference device : devices) {
            rest = rest.unregister(device, out);
        }
        return rest;
    }

    /// Whether a request on this device fails as "peer lost".
    public boolean isLost(DeviceReference device) {
        return binding instanceof Lost && devices.contains(device);
    }

    private Attachment alive(Epoch epoch, List<? super BindingOrder> out) {
        return switch (binding) {
            case Unbound _ -> bind(epoch, BindCause.FIRST, out);
            case Bound b when b.epoch().equals(epoch) -> this;
            case Bound b -> {
                Attachment lost = lost(b.epoch(), LossCause.RESTARTED, out);
                yield lost.devices().isEmpty() ? lost.bind(epoch, BindCause.RESTARTED, out) : lost;
            }
            case Lost l when l.epoch().equals(epoch) -> resume(l, out);
            case Lost l
            when policy == RemovalPolicy.AUTO -> removing(l.epoch(), out).bind(epoch, BindCause.RESTARTED, out);
            case Lost _ when devices.isEmpty() -> bind(epoch, BindCause.RESTARTED, out);
            case Lost _ -> this; // MANUAL: entries are waiting to be unregistered
        };
    }

    private Attachment lost(Epoch epoch, LossCause cause, List<? super BindingOrder> out) {
        out.add(new Unbind(epoch, cause));
        Attachment after = new Attachment(policy, new Lost(epoch, devices), devices);
        return policy == RemovalPolicy.AUTO ? after.removing(epoch, out) : after;
    }

    /// Also in MANUAL without `unregister`; what was unregistered meanwhile stays so.
    private Attachment resume(Lost lost, List<? super BindingOrder> out) {
        out.add(new Bind(lost.epoch(), BindCause.RESUMED));
        out.add(new RenewPicture(lost.back()));
        return new Attachment(policy, new Bound(lost.epoch()), lost.back());
    }

    private Attachment bind(Epoch epoch, BindCause cause, List<? super BindingOrder> out) {
        out.add(new Bind(epoch, cause));
        return new Attachment(policy, new Bound(epoch), Set.of());
    }

    private Attachment removing(Epoch epoch, List<? super BindingOrder> out) {
        devices.forEach(device -> out.add(new Removed(epoch, device)));
        return with(Set.of());
    }

    private Attachment with(Set<DeviceReference> newDevices) {
        return new Attachment(policy, binding, newDevices);
    }

    private Set<DeviceReference> plus(DeviceReference device) {
        Set<DeviceReference> all = new LinkedHashSet<>(devices);
        all.add(device);
        return all;
    }

    private static Set<DeviceReference> minus(Set<DeviceReference> devices, DeviceReference device) {
        Set<DeviceReference> rest = new LinkedHashSet<>(devices);
        rest.remove(device);
        return rest;
    }

    /// In the order of plugging, so that the same story is told the same way twice.
    private static Set<DeviceReference> inOrder(Set<DeviceReference> devices) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(devices));
    }
}
