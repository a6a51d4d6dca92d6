package dev.upcall.stub.syntax;

import dev.upcall.proto.hybrid.Escaped;
import dev.upcall.proto.message.MmioDevice;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// virtio-mmio devices as people write them: `base+size:irq`, base and size decimal or hexadecimal with `0x`.
public final class WrittenMmio {

    private static final Pattern ITEM =
            Pattern.compile("(0x[0-9a-fA-F]{1,16}|[0-9]{1,19})\\+(0x[0-9a-fA-F]{1,16}|[0-9]{1,19}):([0-9]{1,9})");

    private WrittenMmio() {}

    /// @throws IllegalArgumentException in one sentence that quotes what was found
    public static List<MmioDevice> parse(String text) {
        List<MmioDevice> devices = new ArrayList<>();
        for (String item : text.split(",", -1)) {
            Matcher m = ITEM.matcher(item);
            if (!m.matches()) {
                throw malformed(item, "");
            }
            try {
                devices.add(MmioDevice.of(number(m.group(1)), number(m.group(2)), Integer.parseInt(m.group(3))));
            } catch (IllegalArgumentException e) {
                throw malformed(item, " (" + e.getMessage() + ")");
            }
        }
        return devices;
    }

    private static long number(String text) {
        return text.startsWith("0x") ? Long.parseUnsignedLong(text.substring(2), 16) : Long.parseUnsignedLong(text);
    }

    private static IllegalArgumentException malformed(String item, String why) {
        return new IllegalArgumentException("an MMIO device is base+size:irq, like 0xd0000000+0x1000:6, found \""
                + Escaped.text(item) + "\"" + why);
    }
}
