# Installation and the exported package: find_package(ArraySpice) gives arrayspice::solver,
# arrayspice::devices, arrayspice::netlists and arrayspice::behavior.
include(CMakePackageConfigHelpers)

get_property(arrayspice_libraries GLOBAL PROPERTY ARRAYSPICE_LIBRARIES)
install(TARGETS arrayspice ${arrayspice_libraries} EXPORT ArraySpiceTargets
        FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/arrayspice
        INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/arrayspice)
install(EXPORT ArraySpiceTargets NAMESPACE arrayspice::
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ArraySpice)
configure_package_config_file(cmake/ArraySpiceConfig.cmake.in ArraySpiceConfig.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ArraySpice)
write_basic_package_version_file(ArraySpiceConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ArraySpiceConfig.cmake
              ${PROJECT_BINARY_DIR}/ArraySpiceConfigVersion.cmake
              cmake/FindSuiteSparse.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/ArraySpice)

# The Python package, the fused sweeps beside it, where Debian's python3 looks.
set(ARRAYSPICE_PYTHON_DIR ${CMAKE_INSTALL_LIBDIR}/python3/dist-packages/arrayspice
    CACHE STRING "Where the Python package is installed")
install(DIRECTORY python/arrayspice/ DESTINATION ${ARRAYSPICE_PYTHON_DIR}
        FILES_MATCHING PATTERN "*.py")
install(TARGETS arrayspice_fused LIBRARY DESTINATION ${ARRAYSPICE_PYTHON_DIR})
