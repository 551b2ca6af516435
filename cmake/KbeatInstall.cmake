# What an install holds, and the Debian package of it. The shared objects lie side by side: the library looks
# for its plugins where it lies itself.
include(CMakePackageConfigHelpers)
set(KBEAT_SYSCONFDIR /etc CACHE PATH "Where the services look for their config")

get_property(kbeat_plugins GLOBAL PROPERTY KBEAT_PLUGINS)
get_property(kbeat_wide_plugins GLOBAL PROPERTY KBEAT_WIDE_PLUGINS)
install(TARGETS kbeat RUNTIME)
install(TARGETS kbeat_lib kbeat_settings EXPORT kbeatTargets LIBRARY)
install(TARGETS ${kbeat_plugins} LIBRARY NAMELINK_SKIP)
if(kbeat_wide_plugins)
  install(TARGETS ${kbeat_wide_plugins}
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/glibc-hwcaps/x86-64-v3" NAMELINK_SKIP)
endif()

install(DIRECTORY lib/kbeat TYPE INCLUDE FILES_MATCHING PATTERN "*.hpp")
configure_file(packaging/kbeat.pc.in kbeat.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/kbeat.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
set(kbeat_cmake_folder "${CMAKE_INSTALL_LIBDIR}/cmake/kbeat")
install(EXPORT kbeatTargets NAMESPACE kbeat:: DESTINATION "${kbeat_cmake_folder}")
configure_package_config_file(packaging/kbeatConfig.cmake.in kbeatConfig.cmake
  INSTALL_DESTINATION "${kbeat_cmake_folder}")
write_basic_package_version_file(kbeatConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/kbeatConfig.cmake" "${PROJECT_BINARY_DIR}/kbeatConfigVersion.cmake"
  DESTINATION "${kbeat_cmake_folder}")

foreach(section 1 5 7)
  file(GLOB pages CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/man/*.${section}")
  install(FILES ${pages} DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}")
endforeach()
install(FILES completions/kbeat.bash RENAME kbeat DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions")
install(FILES completions/_kbeat DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
install(FILES completions/kbeat.fish DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
install(DIRECTORY packaging/systemd/ DESTINATION lib/systemd/system FILES_MATCHING PATTERN "*.service")
install(FILES packaging/config.toml DESTINATION "${KBEAT_SYSCONFDIR}/kbeat")
install(DIRECTORY samples DESTINATION "${CMAKE_INSTALL_DATADIR}/kbeat" USE_SOURCE_PERMISSIONS
  PATTERN make_samples.py EXCLUDE PATTERN __pycache__ EXCLUDE)
install(FILES README.md CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(DIRECTORY docs/tutorials DESTINATION "${CMAKE_INSTALL_DOCDIR}")
install(FILES LICENSE RENAME copyright DESTINATION "${CMAKE_INSTALL_DOCDIR}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kbeat)
set(CPACK_PACKAGE_CONTACT "The kbeat maintainers <kbeat@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")
set(CPACK_DEBIAN_PACKAGE_DEPENDS tzdata)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libfmt-dev, pkg-config")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/conffiles")
# The same sources give the same bytes: every file in the package bears the time of SOURCE_DATE_EPOCH.
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/KbeatPackageTimes.cmake")
include(CPack)
