# arrayspice_embed_text(OUTPUT file.cpp NAMES a/b.py ... FILES /path/to/b.py ...): a source that
# defines embedded_text() of behavior/embedded_text.hpp with these files, written again when
# one of them changes.
function(arrayspice_embed_text)
  cmake_parse_arguments(arg "" "OUTPUT" "NAMES;FILES" ${ARGN})
  set(entries "")
  foreach(name file IN ZIP_LISTS arg_NAMES arg_FILES)
    file(READ ${file} text)
    string(APPEND entries "    {\"${name}\", R\"embedded(${text})embedded\"},\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  file(CONFIGURE OUTPUT ${arg_OUTPUT} CONTENT [[
#include "behavior/embedded_text.hpp"

namespace arrayspice {

std::span<const EmbeddedText> embedded_texts() {
  static constexpr EmbeddedText kAll[] = {
@entries@  };
  return kAll;
}

}  // namespace arrayspice
]] @ONLY)
endfunction()
