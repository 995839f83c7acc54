# Language level, warnings and the options that the presets switch on.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(LIKENESS_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=: 'address,undefined' or 'thread'")
option(LIKENESS_TESTS "Build the tests, benches and fuzzers" ON)

# A designated initialiser that names what differs from the defaults is how this code makes structs.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers -Werror -pthread)
# One unit of parallelism is a process here; debug information of level 1 keeps backtraces readable and links short.
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
    add_compile_options(-O1 -g1 -fno-omit-frame-pointer)
    add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(LIKENESS_SANITIZE)
    add_compile_options(-fsanitize=${LIKENESS_SANITIZE} -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=${LIKENESS_SANITIZE})
endif()
# g++ 12 warns falsely about std::string and std::variant under -O1 with sanitizers (GCC bugs 105329, 105562).
add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-restrict> $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
if(LIKENESS_SANITIZE MATCHES "thread")  # and with this one about these
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds> $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>)
endif()

# And about the bounds of moved strings at -O2 (GCC bugs 105329, 107852).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    add_compile_options(-Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()

find_program(CCACHE ccache)
if(CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(LLD ld.lld)
if(LLD)
    add_link_options(-fuse-ld=lld)
endif()
