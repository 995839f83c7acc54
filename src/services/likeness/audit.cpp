// Which reference faces harm: AuditCollection.
#include "faces/audit.h"

#include "services/likeness/service.h"
#include "services/likeness/shapes.h"
#include "services/rekognition/errors.h"

namespace services::likeness {
namespace {

constexpr int kPeopleDefault = 100;
constexpr std::size_t kTokenLengthMax = 400;

std::string_view action_for(const faces::Finding& found) {
    switch (found.flaw) {
        case faces::Flaw::unlike_own_person:
            return "REVIEW_OR_REMOVE";
        case faces::Flaw::resembles_another:
            return "GIVE_TO_OTHER_PERSON";
        case faces::Flaw::near_duplicate:
            return "REMOVE";
        case faces::Flaw::poor_quality:
            return "REPLACE";
        case faces::Flaw::confusable_people:
            return "ADD_REFERENCES_OR_MERGE";
        case faces::Flaw::contradicted:
            return found.other ? "GIVE_TO_OTHER_PERSON" : "REVIEW_OR_REMOVE";
    }
    base::unreachable();
}

// Where a listing goes on: the last person's kind and name. It opens nothing that the caller may not list.
std::string token_of(const faces::PersonId& person) {
    const std::string text = (person.kind == faces::PersonId::Kind::user ? 'u' : 'x') + person.name;
    return base::base64(base::view(text));
}

Result<std::optional<faces::PersonId>> person_of_token(const std::string& token) {
    if (token.empty()) return std::optional<faces::PersonId>();
    const auto bytes = base::from_base64(token);
    const bool is_ours = bytes && bytes->size() >= 2 && (bytes->front() == 'u' || bytes->front() == 'x');
    if (!is_ours) return Error::refusal(faces::Refusal::token_invalid, "Invalid Pagination Token");
    const auto text = base::text(*bytes);
    return std::optional(faces::PersonId{
        text[0] == 'u' ? faces::PersonId::Kind::user : faces::PersonId::Kind::external_image_id,
        std::string(text.substr(1))});
}

struct AuditCollection {
    static constexpr std::string_view name = "AuditCollection";
    struct Input {
        std::string collection_id;
        int max_people = kPeopleDefault;
        std::string next_token;
        static auto members() {
            return wire::members(
                likeness::collection_id(&Input::collection_id),
                wire::optional("MaxPeople", &Input::max_people, wire::range(1, faces::kPeopleAuditedMax)),
                wire::optional("NextToken", &Input::next_token, wire::length(0, kTokenLengthMax)));
        }
    };
    struct Finding {
        std::string reason, suggested_action;
        Person person;
        std::optional<std::string> face_id, duplicate_of;
        std::optional<Person> other_person;
        std::optional<double> probability;
        std::optional<float> similarity;
        std::vector<Correction> corrections;
        static auto members() {
            return wire::members(wire::required("Reason", &Finding::reason),
                                 wire::required("SuggestedAction", &Finding::suggested_action),
                                 wire::required("Person", &Finding::person),
                                 wire::optional("FaceId", &Finding::face_id),
                                 wire::optional("DuplicateOfFaceId", &Finding::duplicate_of),
                                 wire::optional("OtherPerson", &Finding::other_person),
                                 wire::optional("Probability", &Finding::probability),
                                 wire::optional("Similarity", &Finding::similarity),
                                 wire::required("Corrections", &Finding::corrections));
        }
    };
    struct Output {
        std::vector<Finding> findings;
        std::int64_t people_audited = 0, faces_audited = 0;
        std::optional<std::string> next_token;
        static auto members() {
            return wire::members(wire::required("Findings", &Output::findings),
                                 wire::required("PeopleAudited", &Output::people_audited),
                                 wire::required("FacesAudited", &Output::faces_audited),
                                 wire::optional("NextToken", &Output::next_token));
        }
    };
    static std::string resource(const Input& input, const wire::Call& call) {
        return collection_arn(call, input.collection_id);
    }
    static Finding shape_of(const faces::Finding& found) {
        Finding out{.reason = std::string(rekognition::name_of(found.flaw)),
                    .suggested_action = std::string(action_for(found)),
                    .person = shape(found.person),
                    .face_id = {},
                    .duplicate_of = {},
                    .other_person = {},
                    .probability = found.probability,
                    .similarity = {},
                    .corrections = {}};
        if (found.face) out.face_id = found.face->str();
        if (found.duplicate_of) out.duplicate_of = found.duplicate_of->str();
        if (found.other) out.other_person = shape(*found.other);
        if (found.similarity) out.similarity = found.similarity->percent;
        for (const auto& correction : found.words)
            out.corrections.push_back(likeness::shape(correction));
        return out;
    }
    static Result<wire::Reply> run(Rooms& rooms, wire::Call& call, const Input& input) {
        const auto last = TRY(person_of_token(input.next_token));
        const auto audit = TRY(faces::audit(rooms.collections.registry(), key_of(call, input.collection_id),
                                            last, static_cast<std::size_t>(input.max_people)));
        Output out;
        for (const auto& found : audit.findings)
            out.findings.push_back(shape_of(found));
        out.people_audited = static_cast<std::int64_t>(audit.people);
        out.faces_audited = static_cast<std::int64_t>(audit.faces);
        if (audit.next) out.next_token = token_of(*audit.next);
        return wire::Reply(wire::encode(out));
    }
};

}  // namespace

void add_audit_operations(wire::Service& service, Rooms& rooms) {
    service.add<AuditCollection>(rooms);
}

}  // namespace services::likeness
