package dev.upcall.e2e.story;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.upcall.e2e.Guest;
import dev.upcall.e2e.Lodging;
import dev.upcall.e2e.SocketFolder;
import dev.upcall.e2e.UpcallCommand;
import dev.upcall.e2e.UpcallCommand.Ended;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `./upcall` as a script sees it: the exit code says what became of the guest, and so does the JSON, one object
/// a line.
class CommandLineStory {
    @RegisterExtension
    final Stage stage = Stage.with(Lodging.PROCESS);

    private SocketFolder folder;
    private Guest guest;

    @BeforeEach
    void a_guest_is_up() {
        folder = stage.folder();
        guest = stage.guest(folder, "--kernel", "kata-6.1").start();
    }

    private Ended upcall(String... arguments) {
        return UpcallCommand.run(words(arguments));
    }

    private String[] words(String... arguments) {
        List<String> words =
                new ArrayList<>(List.of("--json", "--target", guest.target().toString()));
        words.addAll(List.of(arguments));
        return words.toArray(String[]::new);
    }

    private static void assertFailure(Ended ended, int exit, String error, String reason) {
        assertThat(ended.out()).as("stdout; stderr was %s", ended.err()).isNotEmpty();
        JsonNode result = ended.lastJson();
        assertThat(result.path("ok").asBoolean(true)).isFalse();
        assertThat(result.path("error").asText()).isEqualTo(error);
        assertThat(result.path("reason").asText()).isEqualTo(reason);
        assertThat(result.path("exit").asInt()).isEqualTo(exit);
        assertThat(ended.exit()).isEqualTo(exit);
    }

    private int requestsRun() {
        return guest.control("dump").path("requests").asInt();
    }

    @Test
    void exit_0_the_guest_did_it() {
        Ended ended = upcall("cpu", "add", "2");

        assertThat(ended.exit()).as("stderr: %s", ended.err()).isZero();
        assertThat(ended.err()).isEmpty();
        assertThat(ended.json()).hasSize(2);
        assertThat(ended.json().getFirst().toString())
                .startsWith("{\"ok\":true,\"op\":\"ADD_CPU\",\"apic_ids\":[1],\"outcome\":\"DONE\"");
        assertThat(guest.onlineCpus()).containsExactly(0, 1, 2);
    }

    @Test
    void exit_1_the_guest_refused() {
        String[] addition = {"mmio", "add", "--base", "0xd0000000", "--size", "0x1000", "--irq", "6"};
        assertThat(upcall(addition).exit()).isZero();

        Ended again = upcall(addition);

        assertFailure(again, 1, "REFUSED", "EEXIST");
        assertThat(again.lastJson().path("result").asInt()).isEqualTo(Errno.EEXIST);
    }

    @Test
    void exit_2_the_command_line_is_wrong_and_nothing_was_sent() {
        Ended ended = upcall("cpu", "add", "many");

        assertThat(ended.exit()).isEqualTo(2);
        assertThat(ended.lastJson().path("error").asText()).isEqualTo("USAGE");
        assertThat(ended.lastJson().path("message").asText()).contains("many");
        assertThat(requestsRun()).isZero();
    }

    @Test
    void exit_3_nobody_is_there_and_why() {
        Ended ended = UpcallCommand.run("--json", "-t", "hvsock://" + folder.file("other.sock"), "cpu", "add", "1");

        assertFailure(ended, 3, "NOT_CONNECTED", "NO_SOCKET_FILE");
    }

    @Test
    void exit_5_the_reply_was_lost_and_nobody_knows() {
        guest.control("mood lose");

        assertFailure(upcall("--reply-timeout", "300ms", "cpu", "add", "1"), 5, "OUTCOME_UNKNOWN", "REPLY_DEADLINE");
        assertThat(guest.onlineCpus()).as("the guest did it all the same").containsExactly(0, 1);
    }

    @Test
    void exit_6_it_would_crash_the_guest_and_was_not_sent() {
        assertFailure(upcall("--present", "0,1", "cpu", "del", "--apic-id", "3"), 6, "UNSAFE", "CRASHES_GUEST");
        assertThat(requestsRun()).isZero();
    }

    @Test
    void exit_7_what_listens_there_is_no_guest() {
        guest.control("mood garbage-ok");

        assertFailure(upcall("cpu", "add", "1"), 7, "PROTOCOL_BROKEN", "BAD_OK_LINE");
    }

    @Test
    void people_get_a_line_on_standard_output_and_complaints_on_standard_error() {
        Ended done = UpcallCommand.run("-t", guest.target().toString(), "cpu", "add", "1");
        Ended refused = UpcallCommand.run("-t", guest.target().toString(), "cpu", "add", "1");

        assertThat(done.out()).singleElement().asString().startsWith("CPU 1 added in ");
        assertThat(done.err()).isEmpty();
        assertThat(refused.out()).isEmpty();
        assertThat(refused.err()).singleElement().asString().startsWith("upcall: the guest refused ADD_CPU 1: EINVAL");
    }

    @Test
    void ctrl_c_while_a_request_is_out_says_that_nobody_knows() {
        guest.control("mood delay 60s add-cpu");
        UpcallCommand command = stage.leaves(UpcallCommand.start(words("-v", "cpu", "add", "1")));
        guest.console().await("the request", line -> line.contains("event=request"), Times.START);

        command.interrupt();

        assertFailure(command.ended(Times.SOON), 5, "OUTCOME_UNKNOWN", "INTERRUPTED");
    }

    @Test
    void ctrl_c_while_nothing_is_out_is_no_unknown_outcome() {
        guest.kill();
        UpcallCommand command = stage.leaves(UpcallCommand.start(words("-v", "--wait", "60s", "cpu", "add", "1")));
        command.err().await("a first attempt", line -> line.contains("Reconnecting"), Times.START);

        command.interrupt();

        assertThat(command.ended(Times.SOON).exit()).isEqualTo(130);
    }

    @Test
    void a_command_that_waits_is_served_by_a_guest_that_comes_later() {
        guest.kill();
        UpcallCommand command = stage.leaves(UpcallCommand.start(words("-v", "--wait", "60s", "cpu", "add", "1")));
        command.err().await("a first attempt", line -> line.contains("Reconnecting"), Times.START);

        guest.start();

        assertThat(command.ended(Times.START).exit()).isZero();
    }
}
