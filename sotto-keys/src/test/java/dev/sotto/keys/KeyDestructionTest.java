package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ActorId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SealContext;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.DestructionRequest.Target;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KeyDestructionTest {
    private static final byte[] WORDS = {1, 2, 3};
    private static final ActorId ANN = new ActorId(ActorId.Kind.USER, "ann");
    private static final ActorId BEN = new ActorId(ActorId.Kind.USER, "ben");
    private static final ActorId BOT = new ActorId(ActorId.Kind.API_KEY, "bot");

    private final InMemoryKeyRecords records = new InMemoryKeyRecords();
    private final FakeKms kms = new FakeKms();
    private final KeysFixture keys = new KeysFixture(kms, records);
    private final KeyDestruction destruction = keys.service.destruction();
    private final TenantId tenant = keys.tenant();
    private final KeyOwner call = new KeyOwner.OfCall(keys.ids.callId());
    private final SealContext recording =
            new SealContext(tenant, DataClass.RECORDING, call, "recording", "1", "audio", 0);
    private final SealContext transcript = new SealContext(tenant, DataClass.TRANSCRIPT, call, "turn", "1", "text", 1);
    private final Map<ActorId, KeyPair> people = new HashMap<>(Map.of(ANN, keyPair(), BEN, keyPair(), BOT, keyPair()));
    private final ApproverKeys approvers =
            approver -> Optional.ofNullable(people.get(approver)).map(KeyPair::getPublic);

    @AfterEach
    void close() {
        keys.close();
    }

    private static KeyPair keyPair() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException missing) {
            throw new AssertionError(missing);
        }
    }

    private DestructionApproval sign(DestructionRequest request, ActorId who) {
        return DestructionApproval.sign(request, who, people.get(who).getPrivate());
    }

    private DestructionCertificate destroy(Target target) {
        var request = destruction.request(tenant, target, "erasure", ANN);
        keys.clock.advance(Duration.ofDays(7));
        return destruction.destroy(
                tenant, request.id(), List.of(sign(request, ANN), sign(request, BEN)), approvers, ANN);
    }

    private void assertOpensNowhere(SealContext context, byte[] sealed) {
        keys.service.forgetUnwrapped();
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> keys.service.sealer().open(context, sealed));
    }

    private void assertDenied(DestructionRequest request, KeysError code, List<DestructionApproval> approvals) {
        assertThatExceptionOfType(DeniedException.class)
                .isThrownBy(() -> destruction.destroy(tenant, request.id(), approvals, approvers, ANN))
                .satisfies(denied -> assertThat(denied.code()).isEqualTo(code));
    }

    @Test
    void destroy_withoutTwoPeoplesApprovalsOverTheSameRequest_isDenied() {
        byte[] sealed = keys.service.sealer().seal(recording, WORDS);
        var request = destruction.request(tenant, new Target.OfOwner(call), "erasure", ANN);
        var other = destruction.request(tenant, new Target.OfOwner(call), "erasure", ANN);
        keys.clock.advance(Duration.ofDays(8));
        var ann = sign(request, ANN);
        byte[] flipped = sign(request, BEN).signature();
        flipped[5] ^= 1;
        var twin = new ActorId(ActorId.Kind.USER, "ann-again");
        people.put(twin, people.get(ANN)); // one person with two names

        for (var approvals : List.of(
                List.<DestructionApproval>of(),
                List.of(ann),
                List.of(ann, ann),
                List.of(ann, sign(other, BEN)),
                List.of(ann, sign(request, BOT)),
                List.of(ann, sign(request, twin)),
                List.of(ann, DestructionApproval.of(BEN, ann.signature())),
                List.of(ann, DestructionApproval.of(BEN, flipped)),
                List.of(ann, DestructionApproval.of(BEN, new byte[0])),
                List.of(
                        ann,
                        DestructionApproval.sign(
                                request,
                                new ActorId(ActorId.Kind.USER, "eve"),
                                keyPair().getPrivate())))) {
            assertDenied(request, KeysError.DESTRUCTION_NOT_APPROVED, approvals);
        }
        assertThatExceptionOfType(DeniedException.class)
                .isThrownBy(() -> destruction.destroy(
                        tenant, request.id(), List.of(ann, sign(request, BEN)), ApproverKeys.nobody(), ANN));
        assertThat(keys.service.sealer().open(recording, sealed)).isEqualTo(WORDS);
        assertThat(keys.audit.events("key.destruction.begun")).isEmpty();
    }

    @Test
    void destroy_beforeTheWaitingPeriodEnds_isDenied() {
        keys.service.sealer().seal(recording, WORDS);
        var request = destruction.request(tenant, new Target.OfOwner(call), "erasure", ANN);
        var approvals = List.of(sign(request, ANN), sign(request, BEN));
        keys.clock.advance(Duration.ofDays(7).minusMillis(1));
        assertDenied(request, KeysError.DESTRUCTION_TOO_EARLY, approvals);

        keys.clock.advance(Duration.ofMillis(1));
        destruction.destroy(tenant, request.id(), approvals, approvers, ANN);
        assertThatExceptionOfType(ConflictException.class)
                .isThrownBy(() -> destruction.destroy(tenant, request.id(), approvals, approvers, ANN));
    }

    @Test
    void destroy_ofAnotherTenantsRequest_findsNone() {
        var request = destruction.request(tenant, new Target.OfOwner(call), "erasure", ANN);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() -> destruction.destroy(keys.tenant(), request.id(), List.of(), approvers, ANN));
    }

    @Test
    void signedBytes_differInEveryPart() {
        var now = keys.clock.instant();
        var id = UUID.randomUUID();
        var target = new Target.OfOwner(call);
        var request = new DestructionRequest(id, tenant, target, "erasure", ANN, now, now.plusSeconds(1));
        for (var changed : List.of(
                new DestructionRequest(UUID.randomUUID(), tenant, target, "erasure", ANN, now, now.plusSeconds(1)),
                new DestructionRequest(id, keys.ids.tenantId(), target, "erasure", ANN, now, now.plusSeconds(1)),
                new DestructionRequest(id, tenant, new Target.OfTenant(), "erasure", ANN, now, now.plusSeconds(1)),
                new DestructionRequest(id, tenant, target, "other", ANN, now, now.plusSeconds(1)),
                new DestructionRequest(id, tenant, target, "erasure", BEN, now, now.plusSeconds(1)),
                new DestructionRequest(id, tenant, target, "erasure", ANN, now.minusMillis(1), now.plusSeconds(1)),
                new DestructionRequest(id, tenant, target, "erasure", ANN, now, now))) {
            assertThat(changed.signedBytes()).isNotEqualTo(request.signedBytes());
            assertThat(sign(request, ANN).verifies(changed, people.get(ANN).getPublic()))
                    .isFalse();
        }
        assertThat(sign(request, ANN).verifies(request, people.get(ANN).getPublic()))
                .isTrue();
    }

    @Test
    void destroyedCall_opensNowhere_andTheCertificateSaysWhatAndUntilWhen() {
        byte[] audio = keys.service.sealer().seal(recording, WORDS);
        byte[] text = keys.service.sealer().seal(transcript, WORDS);
        var other = KeysFixture.recording(tenant, keys.ids.callId());
        byte[] theirs = keys.service.sealer().seal(other, WORDS);

        var certificate = destroy(new Target.OfOwner(call));

        assertOpensNowhere(recording, audio);
        assertOpensNowhere(transcript, text);
        assertThat(keys.service.sealer().open(other, theirs)).isEqualTo(WORDS);
        assertThat(certificate.covered()).isEqualTo(Map.of("recording", 1L, "transcript", 1L));
        assertThat(certificate.keys()).isEqualTo(2);
        assertThat(certificate.approvers()).containsExactly(ANN, BEN);
        assertThat(certificate.lastCopyExpires()).isEqualTo(keys.clock.instant().plus(Duration.ofDays(30)));
        assertThat(certificate.refused()).isTrue();
        assertThat(keys.audit.events("key.destruction.certified"))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.details()).containsAllEntriesOf(certificate.details());
                    assertThat(event.details())
                            .containsEntry("covered_recording", "1")
                            .containsEntry("opens_after", "refused");
                });
        assertThat(destruction.list(tenant).getLast().certificate()).isPresent();
    }

    @Test
    void destroyedSubject_isNamedNowhereInTheLog() {
        var subject = keys.ids.subjectId();
        var owner = new KeyOwner.OfSubject(subject);
        var context = new SealContext(tenant, DataClass.SUBJECT, owner, "subject", "1", "name", 1);
        byte[] name = keys.service.sealer().seal(context, WORDS);

        destroy(new Target.OfOwner(owner));

        assertOpensNowhere(context, name);
        assertThat(keys.audit.events()).noneMatch(event -> event.toString().contains(subject.toString()));
    }

    @Test
    void destroyedTenant_opensNothingAndIsNotMadeAnew() {
        byte[] audio = keys.service.sealer().seal(recording, WORDS);
        var other = keys.tenant();
        var theirs = KeysFixture.recording(other, keys.ids.callId());
        byte[] kept = keys.service.sealer().seal(theirs, WORDS);

        var certificate = destroy(new Target.OfTenant());
        keys.service.createTenant(tenant);

        assertThat(certificate.covered()).isEqualTo(Map.of("recording", 1L));
        assertOpensNowhere(recording, audio);
        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(() -> keys.service.sealer().seal(recording, WORDS));
        assertThat(records.list(tenant)).allMatch(row -> row.state() == KeyState.DESTROYED);
        assertThat(keys.service.sealer().open(theirs, kept)).isEqualTo(WORDS);
    }

    @Test
    void destroyedVersion_mustBeOutOfUse_andTakesWhatItStillWraps() {
        byte[] audio = keys.service.sealer().seal(recording, WORDS);
        var slot = KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY);
        var key = records.latest(slot).orElseThrow();
        assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> destroy(new Target.OfKey(key.id())));
        keys.service.lifecycle().rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, ANN);

        var certificate = destroy(new Target.OfKey(key.id()));

        assertThat(certificate.covered()).isEqualTo(Map.of("recording", 1L));
        assertThat(certificate.refused()).isTrue();
        assertOpensNowhere(recording, audio);
        assertThat(records.floor(slot)).isEqualTo(new KeyFloor(2, 2));
    }

    @Test
    void destroyedVersionThatWrapsNothingMore_takesNothing() {
        byte[] audio = keys.service.sealer().seal(recording, WORDS);
        var slot = KeySlot.dataClass(tenant, DataClass.RECORDING, KeyTier.PRIMARY);
        var key = records.latest(slot).orElseThrow();
        var life = keys.service.lifecycle();
        life.rotateClassKey(tenant, DataClass.RECORDING, KeyTier.PRIMARY, ANN);
        life.rewrapRecordKeys(tenant, DataClass.RECORDING, KeyTier.PRIMARY, 10, ANN);

        var certificate = destroy(new Target.OfKey(key.id()));

        assertThat(certificate.covered()).isEmpty();
        assertThat(certificate.refused()).isFalse();
        keys.service.forgetUnwrapped();
        assertThat(keys.service.sealer().open(recording, audio)).isEqualTo(WORDS);
    }

    @Test
    void targets_areReadFromTheirText() {
        for (var target : List.of(
                new Target.OfOwner(call),
                new Target.OfOwner(new KeyOwner.OfSubject(keys.ids.subjectId())),
                new Target.OfKey(UUID.randomUUID()),
                new Target.OfTenant())) {
            assertThat(Target.parse(target.text())).isEqualTo(target);
        }
        for (var malformed : List.of("", "key:", "key:1", "owner:", "owner:x/y", "owner:call/1", "tenants")) {
            assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> Target.parse(malformed));
        }
    }
}
