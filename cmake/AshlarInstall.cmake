# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# `cmake --install build`: the tool with its files, and libashlar as a CMake package, so that a host
# program says find_package(ashlar) and links ashlar::runtime (or ashlar::emulator, ashlar::format
# ...). Only the half right of `plan`: it needs neither LLVM nor MLIR.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/ashlar)
set(exported "")
foreach(stage IN LISTS ASHLAR_STAGES)
  if(TARGET ashlar_${stage} AND NOT stage IN_LIST ASHLAR_COMPILER_STAGES)
    list(APPEND exported ashlar_${stage})
    set_target_properties(ashlar_${stage} PROPERTIES EXPORT_NAME ${stage})
    target_compile_features(ashlar_${stage} INTERFACE cxx_std_20)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/${stage} ${PROJECT_BINARY_DIR}/src/${stage}
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ashlar COMPONENT libashlar
            FILES_MATCHING PATTERN "*.h" PATTERN "CMakeFiles" EXCLUDE PATTERN "gen" EXCLUDE)
  endif()
endforeach()
install(TARGETS ${exported} EXPORT ashlar COMPONENT libashlar
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/ashlar)
install(EXPORT ashlar NAMESPACE ashlar:: DESTINATION ${package} COMPONENT libashlar)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/ashlarConfig.cmake.in
                              ${PROJECT_BINARY_DIR}/ashlarConfig.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ashlarConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ashlarConfig.cmake ${PROJECT_BINARY_DIR}/ashlarConfigVersion.cmake
        DESTINATION ${package} COMPONENT libashlar)
# What the tests of the package need built.
add_custom_target(libashlar DEPENDS ${exported})

# The tool looks for its files beside itself: bin/ashlar, lib/ashlar/...
install(TARGETS ashlar DESTINATION bin COMPONENT tool)
install(DIRECTORY ${PROJECT_BINARY_DIR}/lib/ashlar DESTINATION lib COMPONENT tool
        PATTERN "obj" EXCLUDE)
if(ASHLAR_CLI_BUILDS)
  foreach(name aiecc aiecc.py)
    install(CODE "file(CREATE_LINK ashlar \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/bin/${name} SYMBOLIC)"
            COMPONENT tool)
  endforeach()
endif()
