#include "faces/audit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "faces/bench.h"

namespace faces {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

PersonId named(std::string name) {
    return {PersonId::Kind::external_image_id, std::move(name)};
}

struct AuditBench : Bench {
    AuditBench() { EXPECT_TRUE(collections->create(staff).ok()); }
    FaceId enrol_as(const std::string& name, unsigned person, unsigned picture, float sharpness = 60) {
        auto one = face(person, 0.1f, picture);
        one.face.quality.sharpness = sharpness;
        const auto faces =
            collections->enrol(staff, {image("p" + std::to_string(++pictures)), std::optional(name), {one}});
        EXPECT_TRUE(faces.ok());
        clock.advance(base::Duration{1000});
        return faces->front().face.id;
    }
    void enrol_three(const std::string& name, unsigned person) {
        for (unsigned picture = 0; picture < 3; ++picture)
            enrol_as(name, person, picture);
    }
    Audit audited(std::size_t limit = 100, const std::optional<PersonId>& last = std::nullopt) {
        auto out = audit(collections->registry(), staff, last, limit);
        EXPECT_TRUE(out.ok());
        return *std::move(out);
    }
    int pictures = 0;
};

TEST(Audit, AGoodCollectionHasNoFindings) {
    AuditBench bench;
    for (unsigned person = 1; person <= 8; ++person)
        bench.enrol_three("person-" + std::to_string(person), person);
    const auto audit = bench.audited();
    EXPECT_THAT(audit.findings, IsEmpty());
    EXPECT_EQ(audit.people, 8u);
    EXPECT_EQ(audit.faces, 24u);
    EXPECT_FALSE(audit.next);
}

TEST(Audit, AFaceUnderAnothersNameIsFoundWithWhoseItIs) {
    AuditBench bench;
    bench.enrol_three("ann", 1);
    bench.enrol_three("bob", 2);
    bench.enrol_three("eve", 3);
    const auto wrong = bench.enrol_as("ann", 2, 9);
    const auto stranger = bench.enrol_as("eve", 77, 0);
    const auto audit = bench.audited();
    ASSERT_THAT(audit.findings, SizeIs(2));
    EXPECT_EQ(audit.findings[0].flaw, Flaw::resembles_another);
    EXPECT_EQ(audit.findings[0].face, wrong);
    EXPECT_EQ(audit.findings[0].person, named("ann"));
    EXPECT_EQ(audit.findings[0].other, named("bob"));
    EXPECT_GT(*audit.findings[0].probability, 0.9);
    EXPECT_EQ(audit.findings[1].flaw, Flaw::unlike_own_person);
    EXPECT_EQ(audit.findings[1].face, stranger);
}

TEST(Audit, CopiesAndPoorPicturesAreFound) {
    AuditBench bench;
    bench.enrol_three("ann", 1);
    const auto copy = bench.enrol_as("ann", 1, 2);
    const auto blurred = bench.enrol_as("ann", 1, 8, 3);
    const auto audit = bench.audited();
    ASSERT_THAT(audit.findings, SizeIs(2));
    for (const auto& found : audit.findings) {
        if (found.flaw == Flaw::near_duplicate)
            EXPECT_EQ(found.face, copy);
        else
            EXPECT_EQ(found.face, blurred);
    }
}

TEST(Audit, TwoNamesOfOnePersonAreConfusable) {
    AuditBench bench;
    bench.enrol_three("ann", 1);
    for (unsigned picture = 10; picture < 13; ++picture)
        bench.enrol_as("anne", 1, picture);
    std::size_t pairs = 0;
    for (const auto& found : bench.audited().findings) {
        if (found.flaw != Flaw::confusable_people) continue;
        ++pairs;
        EXPECT_EQ(found.person, named("ann"));
        EXPECT_EQ(found.other, named("anne"));
    }
    EXPECT_EQ(pairs, 1u) << "each pair once";
}

TEST(Audit, GoesPageByPage) {
    AuditBench bench;
    for (unsigned person = 1; person <= 5; ++person)
        bench.enrol_three("person-" + std::to_string(person), person);
    std::optional<PersonId> last;
    std::size_t people = 0, pages = 0;
    do {
        const auto audit = bench.audited(2, last);
        people += audit.people;
        ++pages;
        last = audit.next;
    } while (last);
    EXPECT_EQ(people, 5u);
    EXPECT_EQ(pages, 3u);
}

TEST(Audit, OfCertainFacesSaysWhatIsWrongWithThem) {
    AuditBench bench;
    bench.enrol_three("ann", 1);
    bench.enrol_three("bob", 2);
    const auto good = bench.enrol_as("bob", 2, 9), wrong = bench.enrol_as("ann", 2, 11);
    const std::vector<FaceId> both = {good, wrong, FaceId("0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9")};
    const auto findings = audit_faces(bench.collections->registry(), bench.staff, both);
    ASSERT_TRUE(findings.ok());
    ASSERT_THAT(*findings, SizeIs(1));
    EXPECT_EQ(findings->front().face, wrong);
}

TEST(Audit, SaysWhatContradictsWhatPeopleSaid) {
    AuditBench bench;
    bench.enrol_three("ann", 1);
    bench.enrol_three("bob", 2);
    const auto wrong = bench.enrol_as("ann", 2, 9);
    auto& corrections = bench.collections->corrections();
    const auto rejected = *corrections.make(bench.staff, Verdict::rejected, wrong, named("ann"));
    auto audit = bench.audited();
    ASSERT_THAT(audit.findings, SizeIs(1));
    EXPECT_EQ(audit.findings[0].flaw, Flaw::contradicted);
    EXPECT_EQ(audit.findings[0].face, wrong);
    EXPECT_EQ(audit.findings[0].other, std::nullopt);
    ASSERT_THAT(audit.findings[0].words, SizeIs(1));
    EXPECT_EQ(audit.findings[0].words[0].id, rejected.id);
    EXPECT_EQ(audit.faces, 7u);
    ASSERT_TRUE(corrections.make(bench.staff, Verdict::confirmed, wrong, named("bob")).ok());
    audit = bench.audited();
    ASSERT_THAT(audit.findings, SizeIs(1));
    EXPECT_EQ(audit.findings[0].other, named("bob"));
    EXPECT_THAT(audit.findings[0].words, SizeIs(2));
}

TEST(Audit, BelievesWhatPeopleSaid) {
    AuditBench bench;
    bench.enrol_three("ann", 1);
    bench.enrol_three("bob", 2);
    const auto odd = bench.enrol_as("ann", 2, 9);
    auto& corrections = bench.collections->corrections();
    // It resembles Bob and is not his.
    ASSERT_TRUE(corrections.make(bench.staff, Verdict::rejected, odd, named("bob")).ok());
    auto audit = bench.audited();
    ASSERT_THAT(audit.findings, SizeIs(1));
    EXPECT_EQ(audit.findings[0].flaw, Flaw::unlike_own_person);
    EXPECT_THAT(audit.findings[0].words, SizeIs(1));
    ASSERT_TRUE(corrections.make(bench.staff, Verdict::confirmed, odd, named("ann")).ok());
    EXPECT_THAT(bench.audited().findings, IsEmpty());
}

}  // namespace
}  // namespace faces
