// faiss::IndexFlatIP behind four C functions, as a library of its own: `likeness bench search` loads it where
// it was built (Debian's libfaiss-dev), so that the program itself does not link faiss.
#include <cstdint>
#include <faiss/IndexFlat.h>
#include <omp.h>

extern "C" {

void* faiss_peer_create(int dimensions) {
    omp_set_num_threads(1);
    return new faiss::IndexFlatIP(dimensions);
}

void faiss_peer_add(void* index, std::int64_t count, const float* vectors) {
    static_cast<faiss::IndexFlatIP*>(index)->add(count, vectors);
}

void faiss_peer_search(void* index, const float* query, std::int64_t hits, float* scores,
                       std::int64_t* rows) {
    static_cast<faiss::IndexFlatIP*>(index)->search(1, query, hits, scores, rows);
}

void faiss_peer_destroy(void* index) {
    delete static_cast<faiss::IndexFlatIP*>(index);
}
}
