// For tests: what people say of faces, in a collection with Ann and Bob.
#pragma once

#include "faces/bench.h"
#include "faces/corrections.h"

namespace faces {

inline const PersonId kAnn{PersonId::Kind::user, "ann"}, kBob{PersonId::Kind::user, "bob"};
inline const FaceId kElsewhere{"0a1b2c3d-4e5f-5071-8293-a4b5c6d7e8f9"};

struct CorrectionsBench : Bench {
    CorrectionsBench() {
        EXPECT_TRUE(collections->create(staff).ok());
        for (const auto* user : {"ann", "bob"})
            EXPECT_TRUE(collections->users().create(staff, UserId(user)).ok());
    }
    Corrections& corrections() { return collections->corrections(); }
    Correction make(Verdict verdict, const FaceId& face, const PersonId& person) {
        auto made = corrections().make(staff, verdict, face, person);
        EXPECT_TRUE(made.ok());
        return *made;
    }
};

}  // namespace faces
