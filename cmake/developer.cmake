# What our own targets get and no user of the headers does: warnings, the compiler cache, the processor of this machine.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Precompiled headers are cached only with these two.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

add_library(eucv_developer INTERFACE)
target_compile_options(eucv_developer INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  $<$<BOOL:${EUCV_WERROR}>:-Werror>
  $<$<BOOL:${EUCV_NATIVE}>:-march=native -mprefer-vector-width=512>
  $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
get_target_property(libraries eucv_implementation INTERFACE_LINK_LIBRARIES)
foreach(library ${libraries})
  target_link_libraries(${library} PRIVATE eucv_developer)
endforeach()
