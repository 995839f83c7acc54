// A Picture to JPEG, for crops and annotated pictures.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "image/picture.h"

namespace image {

// `quality` as libjpeg counts it, 1 to 100; colour at half resolution. Fails for an empty picture, a side
// above 65,500 pixels, and if memory runs out.
Result<base::Bytes> encode_jpeg(const Picture& picture, int quality = 90);

}  // namespace image
