# Compiler settings and warnings, as interface targets that every target of ours links.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET default)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# The program lies at the root of the build tree and its libraries beside it, as after an install.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
# One search path for both: to have room for a longer one, CMake would pad the build's with empty entries, and the loader
# takes those for the current directory.
set(CMAKE_INSTALL_RPATH "$ORIGIN" "$ORIGIN/lib" "$ORIGIN/../lib" "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
list(REMOVE_DUPLICATES CMAKE_INSTALL_RPATH)
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)

find_program(KBEAT_CCACHE ccache)
if(KBEAT_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${KBEAT_CCACHE}")
  # ccache has to be told that macros of a precompiled header count as seen.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros "${KBEAT_CCACHE}")
endif()

option(KBEAT_PRECOMPILE "Parse the headers that most sources share once per target" OFF)

# kbeat_precompile(TARGET [HEADER...]): these headers, and those that nearly every source has. It halves the time of
# a build from nothing; the daily build does without, and so notices a source that forgot an #include.
function(kbeat_precompile target)
  if(KBEAT_PRECOMPILE)
    target_compile_options(${target} PRIVATE -fpch-preprocess)
    target_precompile_headers(${target} PRIVATE
      <algorithm> <array> <chrono> <deque> <filesystem> <functional> <map> <memory> <mutex> <optional> <set> <span>
      <string> <string_view> <thread> <variant> <vector> <fmt/format.h> ${ARGN})
  endif()
endfunction()

# With CMAKE_UNITY_BUILD, so many sources are compiled as one: it nearly halves the time once more. What one source keeps
# to itself has to have a name that none of its target has.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)

add_library(kbeat_settings INTERFACE)
# Programs over an installed library get its headers and its language; what follows is for this build.
target_include_directories(kbeat_settings INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/lib>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_compile_features(kbeat_settings INTERFACE cxx_std_20)
# Nobody puts functions of their own in the place of the library's, so calls within it need no table.
target_compile_options(kbeat_settings INTERFACE
  $<BUILD_INTERFACE:-fstack-protector-strong> $<BUILD_INTERFACE:-fno-semantic-interposition>)
target_compile_definitions(kbeat_settings INTERFACE
  $<BUILD_INTERFACE:KBEAT_VERSION="${PROJECT_VERSION}">
  $<BUILD_INTERFACE:$<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=2>>)
target_link_options(kbeat_settings INTERFACE
  $<BUILD_INTERFACE:LINKER:-z,relro,-z,now> $<BUILD_INTERFACE:LINKER:-Bsymbolic-functions>)

find_program(KBEAT_MOLD mold)
if(KBEAT_MOLD)
  target_link_options(kbeat_settings INTERFACE $<BUILD_INTERFACE:-fuse-ld=mold>)
endif()

if(NOT KBEAT_SANITIZE)
  target_link_options(kbeat_settings INTERFACE -Wl,-z,defs)
endif()
if(KBEAT_SANITIZE)
  target_compile_options(kbeat_settings INTERFACE -fsanitize=${KBEAT_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(kbeat_settings INTERFACE -fsanitize=${KBEAT_SANITIZE})
  if(NOT KBEAT_SANITIZE STREQUAL "thread")
    # The vptr check opens pipes, which the confined decoder must not.
    target_compile_options(kbeat_settings INTERFACE -fno-sanitize-recover=undefined -fno-sanitize=vptr)
  endif()
  target_compile_definitions(kbeat_settings INTERFACE KBEAT_SANITIZED=1)
endif()

add_library(kbeat_warnings INTERFACE)
# Vectors of the audio's go another way from function to function where the processor has wide registers; all that takes
# them is built with one set of options.
target_compile_options(kbeat_warnings INTERFACE
  -Wno-psabi -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnull-dereference
  $<$<BOOL:${KBEAT_WERROR}>:-Werror> $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-subobject-linkage>)
# What gcc 12 only finds while it optimises, it often finds in inlined code of libraries: told, but no error.
foreach(finding array-bounds maybe-uninitialized null-dereference restrict stringop-overflow stringop-overread)
  target_compile_options(kbeat_warnings INTERFACE $<$<BOOL:${KBEAT_WERROR}>:-Wno-error=${finding}>)
endforeach()
