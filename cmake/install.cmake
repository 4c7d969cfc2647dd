# Installs the headers with a CMake package and a pkg-config file (component development), and the program (component
# program). Nothing compiled is among the former: eucv::implementation is built by the package in the consumer's own
# build, with his compiler and flags.
set(package_folder ${CMAKE_INSTALL_DATADIR}/cmake/eucv)
set(EUCV_HAS_TURBO OFF)
if(JPEG_FOUND AND PNG_FOUND)
  set(EUCV_HAS_TURBO ON)
endif()

install(TARGETS eucv EXPORT eucvTargets COMPONENT development FILE_SET HEADERS COMPONENT development)
install(TARGETS eucv_nn EXPORT eucvNnTargets COMPONENT development)
install(EXPORT eucvNnTargets NAMESPACE eucv:: DESTINATION ${package_folder} COMPONENT development)
install(EXPORT eucvTargets NAMESPACE eucv:: DESTINATION ${package_folder} COMPONENT development)
set(EUCV_INCLUDE_FOLDER ${CMAKE_INSTALL_INCLUDEDIR})
configure_package_config_file(cmake/eucvConfig.cmake.in ${PROJECT_BINARY_DIR}/eucvConfig.cmake
  INSTALL_DESTINATION ${package_folder} PATH_VARS EUCV_INCLUDE_FOLDER)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/eucvConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/eucvConfig.cmake ${PROJECT_BINARY_DIR}/eucvConfigVersion.cmake
  cmake/implementation.cmake DESTINATION ${package_folder} COMPONENT development)

# The prefix as seen from the folder of eucv.pc, so that the installed tree may be moved.
file(RELATIVE_PATH EUCV_PC_UP /${CMAKE_INSTALL_DATADIR}/pkgconfig /)
set(EUCV_PC_REQUIRES "openssl eigen3 >= 3.4")
set(EUCV_PC_CFLAGS "")
if(EUCV_HAS_TURBO)
  string(APPEND EUCV_PC_REQUIRES " libjpeg libpng")
  string(APPEND EUCV_PC_CFLAGS " -DEUCV_WITH_TURBO")
endif()
if(EUCV_WEBP_INCLUDE_DIR AND EUCV_WEBP_LIBRARY)
  string(APPEND EUCV_PC_REQUIRES " libwebp")
  string(APPEND EUCV_PC_CFLAGS " -DEUCV_WITH_WEBP")
endif()
if(EUCV_STB_INCLUDE_DIR)
  string(APPEND EUCV_PC_CFLAGS " -isystem ${EUCV_STB_INCLUDE_DIR}")
endif()
configure_file(cmake/eucv.pc.in ${PROJECT_BINARY_DIR}/eucv.pc @ONLY)
configure_file(cmake/eucv-nn.pc.in ${PROJECT_BINARY_DIR}/eucv-nn.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/eucv.pc ${PROJECT_BINARY_DIR}/eucv-nn.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig COMPONENT development)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT development)

if(TARGET eucv_program)
  install(TARGETS eucv_program RUNTIME COMPONENT program)
endif()
