package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.Call;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallException;
import dev.upcall.client.UpcallOptions;
import dev.upcall.client.transport.UnixTarget;
import dev.upcall.e2e.Bridge;
import dev.upcall.e2e.ClientDiary;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.e2e.SocketFolder;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.MmioDevice;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.request.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// `upcall bridge` in the VMM's place, before a guest whose ports are sockets in a folder: who fails behind it or
/// is the bridge itself, the client must learn the truth as if it had dialled the guest.
@ParameterizedClass(name = "{0}")
@EnumSource(Lodging.class)
class BridgeStory {
    private static final MmioDevice DISK = MmioDevice.of(0xd0000000L, 0x1000, 6);
    private static final Request ADDITION = new Request.AddCpu(new ApicId(1));

    @RegisterExtension
    final Stage stage;

    private final ClientDiary diary = new ClientDiary();

    BridgeStory(Lodging lodging) {
        stage = Stage.with(lodging);
    }

    /// A guest and the bridge before it.
    private record Scene(Guest guest, Bridge bridge) {}

    private Scene scene(String... flags) {
        SocketFolder folder = stage.folder();
        Path ports = folder.folder("ports");
        Guest guest = stage.guestAt(new UnixTarget(ports.resolve("219")), folder, flags);
        return new Scene(guest, stage.bridge(ports, folder));
    }

    @Test
    void a_walk_through_the_bridge_is_a_walk() throws IOException {
        Scene scene = scene("--vcpus", "0-3");
        scene.guest().start();
        scene.bridge().start();
        UpcallClient client = stage.client(scene.bridge().target(), UpcallOptions.DEFAULT, diary);

        assertThat(client.addCpu(1).done()).isTrue();
        assertThat(client.addMmio(DISK)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(client.addMmio(DISK)).isEqualTo(new Outcome.Refused(Errno.EEXIST));
        assertThat(client.delMmio(DISK)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(client.delCpu(1).done()).isTrue();
    }

    @Test
    void a_guest_that_is_not_there_yet_is_waited_for_behind_the_bridge() throws IOException {
        Scene scene = scene("--vcpus", "0-3");
        scene.bridge().start();
        UpcallClient client = stage.client(scene.bridge().target(), UpcallOptions.DEFAULT, diary);
        assertThatThrownBy(() -> client.awaitConnected(Times.SHORT))
                .isInstanceOf(UpcallException.NotConnected.class)
                .hasMessageContaining("the VMM closed the connection before OK");

        scene.guest().start();

        assertThat(client.addCpu(1).done()).isTrue();
    }

    @Test
    void a_guest_killed_behind_the_bridge_leaves_an_unknown_outcome() throws IOException {
        Scene scene = scene("--vcpus", "0-3", "--mood", "delay 60s add-cpu");
        scene.guest().start();
        scene.bridge().start();
        UpcallClient client = stage.client(scene.bridge().target(), UpcallOptions.DEFAULT, diary);

        Call call = client.submit(ADDITION);
        diary.awaitSent(ADDITION, Times.START);
        scene.guest().kill();

        assertUnknown(call);
    }

    @Test
    void a_bridge_killed_with_a_request_under_way_leaves_an_unknown_outcome_and_is_come_back_to() throws IOException {
        Scene scene = scene("--vcpus", "0-3", "--mood", "delay 60s add-cpu");
        scene.guest().start();
        scene.bridge().start();
        UpcallClient client = stage.client(scene.bridge().target(), UpcallOptions.DEFAULT, diary);

        Call call = client.submit(ADDITION);
        diary.awaitSent(ADDITION, Times.START);
        int before = diary.now();
        scene.bridge().kill();
        assertUnknown(call);
        scene.bridge().start();

        diary.awaitState(before, State.Connected.class, Times.START);
        assertThat(client.addMmio(DISK)).isEqualTo(Outcome.Done.PLAIN);
        assertThat(diary.sent()).containsExactly(ADDITION, new Request.AddMmio(DISK));
    }

    private static void assertUnknown(Call call) {
        assertThatThrownBy(call::await)
                .isInstanceOfSatisfying(
                        UpcallException.OutcomeUnknown.class,
                        e -> assertThat(e.reason()).isEqualTo(Outcome.UnknownCause.CONNECTION_LOST));
    }
}
