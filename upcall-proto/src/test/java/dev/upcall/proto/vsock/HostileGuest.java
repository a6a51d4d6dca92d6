package dev.upcall.proto.vsock;

import dev.upcall.proto.virtqueue.RingLayout;
import dev.upcall.proto.virtqueue.driver.GuestDriver;
import dev.upcall.proto.vsock.driver.GuestVsock;
import java.util.Random;

/// A guest that sends whatever it likes, and whose rings may rot. How wild each field is, is drawn from
/// the seed.
final class HostileGuest {

    private static final int ENTRIES = 16;
    private static final int PORTS = 4;

    final GuestVsock vsock = new GuestVsock(ENTRIES, 1024);
    private final Random random;
    private final PacketHeader packet = new PacketHeader();
    private final int wildCid;
    private final int wildType;
    private final int wildOp;
    private final int wildLen;
    private final int wildCredit;
    private final int wildRing;
    private final int lazy;
    private int knownHostPort = 52;
    private int taken;

    HostileGuest(Random random) {
        this.random = random;
        this.wildCid = random.nextInt(10);
        this.wildType = random.nextInt(10);
        this.wildOp = random.nextInt(10);
        this.wildLen = random.nextInt(10);
        this.wildCredit = random.nextInt(10);
        this.wildRing = random.nextInt(4) == 0 ? 1 : 0;
        this.lazy = random.nextInt(100);
        vsock.offerBuffers();
    }

    /// Sends one packet, takes what it got or does not, and sometimes writes where it should not.
    void act() {
        int op = wild(wildOp) ? random.nextInt(1 << 16) : 1 + random.nextInt(7);
        int load = op == 5 || wild(wildLen) ? random.nextInt(4) * random.nextInt(20_000) : 0;
        int len = wild(wildLen) ? random.nextInt() : load;
        packet.from(wild(wildCid) ? random.nextLong() : Pair.CID, random.nextInt(PORTS))
                .to(wild(wildCid) ? random.nextInt(5) : 2, random.nextBoolean() ? knownHostPort : random.nextInt(PORTS))
                .says(wild(wildType) ? random.nextInt(1 << 16) : 1, op, random.nextInt(4), len)
                .credits(wild(wildCredit) ? random.nextInt() : 1 << 18, wild(wildCredit) ? random.nextInt() : taken);
        if (vsock.canSend()) {
            vsock.send(packet, load);
        }
        if (random.nextInt(100) >= lazy) {
            while (vsock.receive()) {
                knownHostPort = vsock.received().srcPort();
                taken += vsock.received().len();
            }
            vsock.offerBuffers();
        }
        if (wild(wildRing)) {
            rot(random.nextBoolean() ? vsock.toGuest() : vsock.fromGuest());
        }
    }

    /// Any word of a ring becomes anything.
    private void rot(GuestDriver driver) {
        switch (random.nextInt(3)) {
            case 0 -> {
                for (int i = 0; i < ENTRIES; i++) {
                    driver.poke(i, random.nextLong(), random.nextInt(), random.nextInt(8), random.nextInt(2 * ENTRIES));
                }
            }
            case 1 -> driver.announce(random.nextInt(1 << 16));
            default -> {
                for (int i = 0; i < ENTRIES; i++) {
                    driver.pokeEntry(i, random.nextInt(2 * ENTRIES));
                }
            }
        }
        driver.poke(random.nextInt(ENTRIES), 0, 44, RingLayout.NEXT, 0);
    }

    /// Wildness 0 to 9 in a hundred.
    private boolean wild(int wildness) {
        return random.nextInt(100) < wildness;
    }
}
