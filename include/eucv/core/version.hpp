#pragma once

/// Semantic version of eucv as three numbers, for `#if`.
#define EUCV_VERSION_MAJOR 0
#define EUCV_VERSION_MINOR 2
#define EUCV_VERSION_PATCH 0

/// The same version as text, "major.minor.patch".
#define EUCV_VERSION "0.2.0"
