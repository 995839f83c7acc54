# embed(FOLDER FILE...): puts the text of files into the room in FOLDER, as `k_STEM` for each STEM.ext, which the room
# declares in its own embedded.h as `extern const std::string_view`. The room must have sources of its own.
function(embed folder)
    string(REPLACE "/" "_" room ${folder})
    foreach(file ${ARGN})
        get_filename_component(stem ${file} NAME_WE)
        set(source ${CMAKE_SOURCE_DIR}/src/${folder}/${file})
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
        file(READ ${source} text)
        string(CONCAT generated "#include \"${folder}/embedded.h\"\nnamespace ${room} {\n"
            "const std::string_view k_${stem} = R\"EMBEDDED(${text})EMBEDDED\";\n}\n")
        file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/embedded/${room}_${stem}.cpp CONTENT "${generated}" @ONLY)
        target_sources(${room} PRIVATE ${CMAKE_BINARY_DIR}/embedded/${room}_${stem}.cpp)
    endforeach()
endfunction()
