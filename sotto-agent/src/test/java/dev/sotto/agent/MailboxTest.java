package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MailboxTest {
    @Test
    void peer_beyondItsCapacity_isRefusedAndSottosOwnIsNot() throws Exception {
        var mailbox = new Mailbox(3);
        for (int i = 0; i < 3; i++) {
            assertThat(mailbox.offer(new CallEvent.Dtmf('1'))).isTrue();
        }
        assertThat(mailbox.offer(new CallEvent.Dtmf('2'))).isFalse();
        mailbox.post(new CallEvent.Failed());

        for (int i = 0; i < 3; i++) {
            assertThat(mailbox.take()).isEqualTo(new CallEvent.Dtmf('1'));
        }
        assertThat(mailbox.take()).isEqualTo(new CallEvent.Failed());
        assertThat(mailbox.offer(new CallEvent.Dtmf('3'))).isTrue();
    }
}
