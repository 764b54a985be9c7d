# SuiteSparse as Debian ships it (no CMake package in 5.12): KLU, CHOLMOD, AMD, BTF.
# Defines the imported target SuiteSparse::SuiteSparse.
find_path(SuiteSparse_INCLUDE_DIR klu.h PATH_SUFFIXES suitesparse)
set(SuiteSparse_LIBRARIES)
set(suitesparse_required SuiteSparse_INCLUDE_DIR)
foreach(lib klu btf cholmod amd colamd suitesparseconfig)
  find_library(SuiteSparse_${lib}_LIBRARY ${lib})
  list(APPEND SuiteSparse_LIBRARIES ${SuiteSparse_${lib}_LIBRARY})
  list(APPEND suitesparse_required SuiteSparse_${lib}_LIBRARY)
endforeach()

include(FindPackageHandleStandardArgs)
if(SuiteSparse_INCLUDE_DIR)
  file(STRINGS ${SuiteSparse_INCLUDE_DIR}/SuiteSparse_config.h suitesparse_version_lines
       REGEX "define SUITESPARSE_(MAIN|SUB|SUBSUB)_VERSION +[0-9]+")
  string(REGEX MATCHALL "[0-9]+" suitesparse_version_numbers "${suitesparse_version_lines}")
  list(JOIN suitesparse_version_numbers "." SuiteSparse_VERSION)
endif()
find_package_handle_standard_args(SuiteSparse REQUIRED_VARS ${suitesparse_required}
                                  VERSION_VAR SuiteSparse_VERSION)

if(SuiteSparse_FOUND AND NOT TARGET SuiteSparse::SuiteSparse)
  add_library(SuiteSparse::SuiteSparse INTERFACE IMPORTED)
  target_include_directories(SuiteSparse::SuiteSparse SYSTEM INTERFACE ${SuiteSparse_INCLUDE_DIR})
  target_link_libraries(SuiteSparse::SuiteSparse INTERFACE ${SuiteSparse_LIBRARIES})
endif()
