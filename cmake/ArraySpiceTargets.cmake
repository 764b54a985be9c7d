# How every library, program and test of the project is built.
include(GNUInstallDirs)

add_library(arrayspice_flags INTERFACE)
target_compile_options(arrayspice_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion
                       -Wno-sign-conversion $<$<BOOL:${ARRAYSPICE_WERROR}>:-Werror>)
if(ARRAYSPICE_SANITIZE)
  target_compile_options(arrayspice_flags INTERFACE -fsanitize=address,undefined
                         -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(arrayspice_flags INTERFACE -fsanitize=address,undefined)
endif()
if(ARRAYSPICE_FUZZ)
  target_compile_options(arrayspice_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# arrayspice_library(NAME sources... DEPENDS libs...): one layer of the chain
# tools -> behavior -> netlists -> devices -> solver; links only what lies below it.
function(arrayspice_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;HEADERS;DEPENDS;PRIVATE" ${ARGN})
  add_library(arrayspice_${name} STATIC ${arg_SOURCES})
  add_library(arrayspice::${name} ALIAS arrayspice_${name})
  set_target_properties(arrayspice_${name} PROPERTIES
                        EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  target_sources(arrayspice_${name} PUBLIC FILE_SET HEADERS
                 BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${arg_HEADERS})
  target_compile_features(arrayspice_${name} PUBLIC cxx_std_20)
  target_link_libraries(arrayspice_${name} PUBLIC ${arg_DEPENDS}
                        PRIVATE ${arg_PRIVATE} $<BUILD_INTERFACE:arrayspice_flags>)
  set_property(GLOBAL APPEND PROPERTY ARRAYSPICE_LIBRARIES arrayspice_${name})
endfunction()
