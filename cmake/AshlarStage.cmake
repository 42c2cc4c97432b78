# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# One call makes one stage: folder src/X = library ashlar_X = tests test/X.
# What a stage may link is read from src/layers.txt, the file that the layer check reads too, so
# the build and the check cannot disagree.

file(STRINGS ${PROJECT_SOURCE_DIR}/src/layers.txt ASHLAR_LAYER_LINES REGEX "^[a-z]+:")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/layers.txt)

function(ashlar_layer_deps name out_stages out_external)
  set(stages "")
  set(external "")
  foreach(line IN LISTS ASHLAR_LAYER_LINES)
    if(line MATCHES "^${name}:(.*)$")
      string(REGEX MATCHALL "[+a-z]+" words "${CMAKE_MATCH_1}")
      foreach(word IN LISTS words)
        if(word MATCHES "^\\+(.*)$")
          list(APPEND external ${CMAKE_MATCH_1})
        else()
          list(APPEND stages ${word})
        endif()
      endforeach()
    endif()
  endforeach()
  if(NOT name STREQUAL "base")
    list(PREPEND stages base)
  endif()
  set(${out_stages} ${stages} PARENT_SCOPE)
  set(${out_external} ${external} PARENT_SCOPE)
endfunction()

# ashlar_use_external(target llvm|mlir|clang...): include paths as SYSTEM, shared libraries.
function(ashlar_use_external target)
  foreach(lib IN LISTS ARGN)
    # After the system's own folders: Debian's libc++abi puts a cxxabi.h beside LLVM's headers
    # that must not hide the one of the standard library in use.
    foreach(dir IN LISTS LLVM_INCLUDE_DIRS)
      target_compile_options(${target} PUBLIC "SHELL:-idirafter ${dir}")
    endforeach()
    target_compile_definitions(${target} PUBLIC ${LLVM_DEFINITIONS_LIST})
    if(lib STREQUAL "llvm")
      target_link_libraries(${target} PUBLIC LLVM)
    elseif(lib STREQUAL "mlir")
      target_link_libraries(${target} PUBLIC MLIR)
    elseif(lib STREQUAL "clang")
      target_link_libraries(${target} PUBLIC clang-cpp)
    endif()
  endforeach()
endfunction()

# ashlar_stage(name [SOURCES extra...]): library ashlar_<name> from every .cpp under src/<name>
# (folders named `gen` hold build-time tools and are left out).
function(ashlar_stage name)
  cmake_parse_arguments(ARG "" "" "SOURCES" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/src/${name}/*.cpp
       ${PROJECT_SOURCE_DIR}/src/${name}/*.h)
  list(FILTER sources EXCLUDE REGEX "/src/${name}/gen/")
  add_library(ashlar_${name} STATIC ${sources} ${ARG_SOURCES})
  target_include_directories(ashlar_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>
                             $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/src>
                             $<INSTALL_INTERFACE:include/ashlar>)
  ashlar_layer_deps(${name} stages external)
  foreach(dep IN LISTS stages)
    if(TARGET ashlar_${dep})
      target_link_libraries(ashlar_${name} PUBLIC ashlar_${dep})
    endif()
  endforeach()
  ashlar_use_external(ashlar_${name} ${external})
  set_target_properties(ashlar_${name} PROPERTIES LINKER_LANGUAGE CXX)
endfunction()

# ashlar_tests(name [LINK targets...]): executable test_<name> from every *_test.cpp under
# test/<name>; each GoogleTest case becomes one ctest test.
function(ashlar_tests name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/test/${name}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE GTest::gtest GTest::gmock GTest::gtest_main ${ARG_LINK})
  if(TARGET ashlar_${name})
    target_link_libraries(test_${name} PRIVATE ashlar_${name})
  endif()
  target_include_directories(test_${name} PRIVATE ${PROJECT_SOURCE_DIR}/test)
  target_compile_definitions(test_${name} PRIVATE
    ASHLAR_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ASHLAR_BINARY_DIR="${PROJECT_BINARY_DIR}")
  gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       TEST_PREFIX "${name}/" PROPERTIES TIMEOUT 600)
endfunction()
