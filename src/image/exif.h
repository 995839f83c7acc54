// The one thing we read of EXIF: which way up the picture is (CIPA DC-008-2019, section 4.6.4, tag 0x0112).
#pragma once

#include "base/bytes.h"

namespace image {

// 1 to 8. `app1` is the payload of a JPEG's APP1 marker; anything that is not EXIF with a valid orientation
// gives 1.
int exif_orientation(base::ByteView app1);

}  // namespace image
