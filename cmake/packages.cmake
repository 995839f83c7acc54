# Debian packages that the rooms link; scripts/setup installs them.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS context json)
# Boost.Context switches stacks behind a sanitizer's back: AddressSanitizer then takes a thrown exception for a stack
# overflow and aborts. Its ucontext variant announces each switch; Debian's library is built without it, so
# src/http/fiber.cpp supplies the few lines that are missing. ThreadSanitizer does not know Asio's fences; its locks
# order what they would. Release builds use the library's own fast switch.
add_library(fibers INTERFACE)
target_link_libraries(fibers INTERFACE Boost::context)
if(LIKENESS_SANITIZE MATCHES "address")
    target_compile_definitions(fibers INTERFACE BOOST_USE_UCONTEXT BOOST_USE_ASAN)
elseif(LIKENESS_SANITIZE MATCHES "thread")
    target_compile_definitions(fibers INTERFACE BOOST_USE_UCONTEXT BOOST_USE_TSAN BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
find_package(PNG REQUIRED)
find_package(CLI11 REQUIRED)
find_package(RocksDB REQUIRED)
# Debian keeps OpenCV's CMake file in libopencv-dev, which brings all of OpenCV; two libraries are enough.
add_library(opencv INTERFACE)
target_include_directories(opencv SYSTEM INTERFACE /usr/include/opencv4)
target_link_libraries(opencv INTERFACE opencv_core opencv_imgproc)
pkg_check_modules(prometheus REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
pkg_check_modules(libzip REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)

if(LIKENESS_TESTS)
    enable_testing()
    find_package(GTest REQUIRED)
    find_package(benchmark REQUIRED)
    # Oracles and peers, which the program itself never links.
    set(TEST_LIBRARIES_image turbojpeg)
    set(BENCH_LIBRARIES_image opencv_imgcodecs)
    set(BENCH_LIBRARIES_vision opencv_dnn opencv_imgcodecs)
    set(TEST_LIBRARIES_neural opencv opencv_dnn)
    set(BENCH_LIBRARIES_neural opencv opencv_dnn)
    set(BENCH_LIBRARIES_faces store_embedded)
endif()
