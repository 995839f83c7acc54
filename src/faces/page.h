// Listings, page by page.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/result.h"
#include "faces/names.h"

namespace faces {

inline constexpr std::size_t kPageSizeMax = 4096;  // of one listing; AWS's
inline constexpr std::size_t kPageSizeDefault = 1000;

template <class Item>
struct Page {
    std::vector<Item> items;
    std::string next_token;  // empty on the last page
};

// Where a listing begins and how much of it is wanted.
struct PageRequest {
    std::string token;     // empty: from the start
    std::size_t size = 0;  // 0: kPageSizeDefault; at most kPageSizeMax
};

inline std::size_t page_size(const PageRequest& page) {
    return page.size == 0 ? kPageSizeDefault : std::min(page.size, kPageSizeMax);
}

inline Error invalid_token() {
    return Error::refusal(Refusal::token_invalid, "Invalid Pagination Token");
}

}  // namespace faces
