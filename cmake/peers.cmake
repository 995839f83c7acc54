# What the benches compare with and the program never links: built where the package is there, left out otherwise.
find_library(FAISS faiss)
find_path(FAISS_INCLUDE faiss/IndexFlat.h)
find_library(OPENBLAS openblas)  # with LAPACK; Debian's faiss is a static library that wants both
find_package(OpenMP QUIET)
if(FAISS AND FAISS_INCLUDE AND OPENBLAS AND OpenMP_CXX_FOUND)
    add_library(likeness_faiss MODULE bench/faiss_peer.cpp)
    set_target_properties(likeness_faiss PROPERTIES PREFIX "")
    target_link_libraries(likeness_faiss PRIVATE ${FAISS} ${OPENBLAS} OpenMP::OpenMP_CXX)
    # Beside the program whenever that is built, though it comes to be defined later than this.
    cmake_language(DEFER CALL add_dependencies likeness likeness_faiss)
endif()
