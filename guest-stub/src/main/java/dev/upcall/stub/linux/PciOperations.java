package dev.upcall.stub.linux;

import dev.upcall.proto.message.PciFunction;
import dev.upcall.stub.machine.Answer;
import dev.upcall.stub.machine.Errno;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/// ADD_PCI and DEL_PCI on a kernel that runs: rescan of the function's bus, removal of the function.
///
/// Blocks as long as drivers take to come and go. One at a time.
final class PciOperations {

    private static final String DEVICES = "sys/bus/pci/devices/0000:";
    private static final String VIRTIO = "sys/bus/virtio/devices";

    /// The virtio device id of vsock, as sysfs writes it.
    private static final String VSOCK = "0x0013";

    private final Sysfs sysfs;
    private final AttributeWriter writer;
    private final Consumer<String> notes;

    PciOperations(Sysfs sysfs, AttributeWriter writer, Consumer<String> notes) {
        this.sysfs = sysfs;
        this.writer = writer;
        this.notes = notes;
    }

    Answer add(PciFunction function) {
        String bus = "sys/class/pci_bus/0000:%02x".formatted(function.bus());
        if (!sysfs.has(bus)) {
            return new Answer.Refused(Errno.ENODEV);
        }
        int result = writer.write(sysfs.at(bus + "/rescan"), "1");
        if (result != 0) {
            return new Answer.Refused(result);
        }
        if (writer.real() && !sysfs.has(device(function))) {
            return new Answer.Refused(Errno.ENODEV);
        }
        Optional<Path> driver = sysfs.real(device(function) + "/driver");
        notes.accept("PCI function " + function + " is there, driver "
                + driver.map(Path::getFileName).map(String::valueOf).orElse("none"));
        return new Answer.PciDone();
    }

    Answer del(PciFunction function) throws IOException {
        if (!sysfs.has(device(function))) {
            return new Answer.Refused(Errno.ENODEV);
        }
        if (carriesVsock(function)) {
            notes.accept("PCI function " + function + " is not removed: vsock runs over it");
            return new Answer.Refused(Errno.EINVAL);
        }
        int result = writer.write(sysfs.at(device(function) + "/remove"), "1");
        return result == 0 ? new Answer.PciDone() : new Answer.Refused(result);
    }

    /// It is a vsock device, or a bridge with one behind it: the removal would never be answered.
    private boolean carriesVsock(PciFunction function) throws IOException {
        Path real = sysfs.at(device(function)).toRealPath();
        for (String name : sysfs.names(VIRTIO)) {
            String node = VIRTIO + "/" + name;
            if (sysfs.attribute(node + "/device").filter(VSOCK::equals).isPresent()
                    && sysfs.real(node).filter(path -> path.startsWith(real)).isPresent()) {
                return true;
            }
        }
        return false;
    }

    private static String device(PciFunction function) {
        return DEVICES + function;
    }
}
