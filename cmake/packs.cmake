# The descriptions of the known model packs (models/*/pack.toml) as a source file of `target`, so that the program can
# install a pack from wherever it runs; and the networks that lie beside them (models/*/*.onnx), byte for byte, so that a
# pack of our own needs no installing.
function(embed_packs target)
    set(literals "")
    file(GLOB descriptions CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/models/*/pack.toml)
    foreach(description ${descriptions})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${description})
        file(READ ${description} text)
        string(APPEND literals "        R\"toml(${text})toml\",\n")
    endforeach()

    set(sections "")
    set(symbols "")
    set(entries "")
    file(GLOB networks CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/models/*/*.onnx)
    foreach(network ${networks})
        cmake_path(GET network FILENAME file)
        cmake_path(GET network PARENT_PATH folder)
        cmake_path(GET folder FILENAME pack)
        string(MAKE_C_IDENTIFIER "known_${pack}_${file}" symbol)
        string(APPEND sections "asm(\".section .rodata\\n.balign 64\\n${symbol}:\\n.incbin \\\"${network}\\\"\\n\"\n"
                               "    \"${symbol}_end:\\n.previous\");\n")
        string(APPEND symbols "extern \"C\" const std::uint8_t ${symbol}[];\nextern \"C\" const std::uint8_t ${symbol}_end[];\n")
        string(APPEND entries "        {\"${pack}\", \"${file}\", {${symbol}, ${symbol}_end}},\n")
    endforeach()

    set(generated ${CMAKE_BINARY_DIR}/generated/known_packs.cpp)
    file(CONFIGURE OUTPUT ${generated} @ONLY CONTENT
         "// Made by cmake/packs.cmake from models/.\n#include \"neural/known.h\"\n\n@sections@\n@symbols@\nnamespace neural::detail {\n\nstd::vector<std::string> known_descriptions() {\n    return {\n@literals@    };\n}\n\nstd::vector<KnownFile> known_files() {\n    return {\n@entries@    };\n}\n\n}  // namespace neural::detail\n")
    set_source_files_properties(${generated} PROPERTIES OBJECT_DEPENDS "${networks}")
    target_sources(${target} PRIVATE ${generated})
endfunction()
