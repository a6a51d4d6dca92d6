package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.upcall.client.Call;
import dev.upcall.client.UpcallClient;
import dev.upcall.client.UpcallException;
import dev.upcall.client.UpcallOptions;
import dev.upcall.e2e.ClientDiary;
import dev.upcall.e2e.Lodging;
import dev.upcall.e2e.UpcallCommand;
import dev.upcall.e2e.UpcallCommand.Ended;
import dev.upcall.e2e.vm.GuestVm;
import dev.upcall.e2e.vm.HybridStream;
import dev.upcall.e2e.vm.Machine;
import dev.upcall.proto.guest.GuestProfile;
import dev.upcall.proto.message.ApicId;
import dev.upcall.proto.message.Request;
import dev.upcall.proto.session.State;
import dev.upcall.proto.session.request.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Upcall requests to a service inside a real VM, the guest stub on AF_VSOCK, and everything that happens to a VM while
/// a client is connected to it.
@Timeout(300)
class VmUpcallStory {
    /// A removal takes for ever, so that a story can be in the middle of one.
    private static final String STUB =
            "guest-stub --kernel kata-6.12 --vcpus 0-3 --mood 'delay 600s del-cpu' --listen vsock://any:219";

    private static final String LISTENING = "listening on vsock://any";
    private static final Request REMOVAL = new Request.DelCpu(new ApicId(1));
    private static final Duration BOOT = Duration.ofMinutes(2);

    @RegisterExtension
    static final VmStage VM = VmStage.with(Machine.serving(STUB));

    @RegisterExtension
    final Stage stage = Stage.with(Lodging.PROCESS);

    private final ClientDiary diary = new ClientDiary();

    @BeforeEach
    void the_service_is_up() {
        awaitService(VM.vm());
    }

    private static void awaitService(GuestVm vm) {
        vm.awaitConsole("the service", vm.boots(), LISTENING);
    }

    private UpcallClient client() {
        UpcallOptions options =
                UpcallOptions.DEFAULT.withProfile(GuestProfile.KATA_6_12).withPresentCpus(0);
        return stage.client(VM.bridge().target(), options, diary);
    }

    private static Ended upcall(String... arguments) {
        String[] words = new String[arguments.length + 3];
        words[0] = "--json";
        words[1] = "--target";
        words[2] = VM.bridge().target().toString();
        System.arraycopy(arguments, 0, words, 3, arguments.length);
        return UpcallCommand.run(words);
    }

    @Test
    void the_command_line_asks_a_real_guest() {
        Ended status = upcall("status");
        assertThat(status.exit()).as("stderr: %s", status.err()).isZero();

        Ended ping = upcall("ping", "-c", "3");
        assertThat(ping.exit()).as("stderr: %s", ping.err()).isZero();

        Ended addition = upcall("mmio", "add", "--base", "0xd0000000", "--size", "0x1000", "--irq", "6");
        assertThat(addition.exit()).as("stderr: %s", addition.err()).isZero();
        assertThat(addition.lastJson().path("outcome").asText()).isEqualTo("DONE");
    }

    @Test
    void a_rebooted_guest_is_come_back_to() throws IOException {
        UpcallClient client = client();
        client.awaitConnected(Times.START);
        int before = diary.now();

        VM.vm().reset();

        diary.awaitState(before, State.Reconnecting.class, Times.SOON);
        diary.awaitState(before, State.Connected.class, BOOT);
        assertThat(client.addCpu(2).done()).isTrue();
    }

    @Test
    void callers_who_come_while_the_guest_boots_harm_nobody() throws IOException {
        VM.vm().pressReset();
        List<HybridStream> early = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            early.add(HybridStream.ask(VM.socket(), 219));
        }
        for (HybridStream stream : early) {
            assertThat(stream.isAccepted()).isFalse();
            stream.close();
        }
        VM.vm().awaitReset();

        UpcallClient client = client();
        client.awaitConnected(BOOT);
        assertThat(client.addCpu(3).done()).isTrue();
    }

    @Test
    void a_request_that_is_out_when_the_vm_is_killed_is_unknown_and_never_repeated() throws IOException {
        UpcallClient client = client();
        assertThat(client.addCpu(1).done()).isTrue();
        Call call = client.submit(REMOVAL);
        diary.awaitSent(REMOVAL, Times.START);
        int before = diary.now();

        VM.killVm();

        assertUnknown(call);
        // The same bridge has the next VM.
        awaitService(VM.vm());
        diary.awaitState(before, State.Connected.class, BOOT);
        assertThat(client.addCpu(2).done()).isTrue();
        assertThat(diary.sent().stream().filter(REMOVAL::equals)).hasSize(1);
    }

    @Test
    void a_bridge_that_is_killed_takes_its_vm_along_and_both_are_started_anew() throws IOException {
        UpcallClient client = client();
        assertThat(client.addCpu(1).done()).isTrue();
        Call call = client.submit(REMOVAL);
        diary.awaitSent(REMOVAL, Times.START);
        int before = diary.now();

        VM.bridge().kill();

        assertUnknown(call);
        // QEMU never dials a second time: that guest has no vsock device any more.
        VM.killVm();
        VM.bridge().start();
        awaitService(VM.vm());
        diary.awaitState(before, State.Connected.class, BOOT);
        assertThat(client.addCpu(2).done()).isTrue();
        assertThat(diary.sent().stream().filter(REMOVAL::equals)).hasSize(1);
    }

    private static void assertUnknown(Call call) {
        assertThatThrownBy(call::await).isInstanceOfSatisfying(UpcallException.OutcomeUnknown.class, e -> {
            assertThat(e.reason()).isEqualTo(Outcome.UnknownCause.CONNECTION_LOST);
            assertThat(e.mayHaveTakenEffect()).isTrue();
        });
    }
}
