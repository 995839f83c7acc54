# The descriptions of the known model packs (models/*/pack.toml) as a source file of `target`, so that the program can
# install a pack from wherever it runs.
function(embed_packs target)
    file(GLOB descriptions CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/models/*/pack.toml)
    set(literals "")
    foreach(description ${descriptions})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${description})
        file(READ ${description} text)
        string(APPEND literals "    R\"toml(${text})toml\",\n")
    endforeach()
    set(generated ${CMAKE_BINARY_DIR}/generated/known_packs.cpp)
    file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
         "// Made by cmake/packs.cmake from models/*/pack.toml.\n#include \"neural/known.h\"\n\nnamespace neural::detail {\n\nstd::vector<std::string> known_descriptions() {\n    return {\n@literals@    };\n}\n\n}  // namespace neural::detail\n")
    target_sources(${target} PRIVATE ${generated})
endfunction()
