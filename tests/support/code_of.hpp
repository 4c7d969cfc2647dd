#pragma once

#include <eucv/core/error.hpp>

#include <optional>

namespace test {

/// The eucv::error that `action` throws, or nothing where it throws none.
template <class Action>
std::optional<eucv::error> failure_of(Action&& action) {
  try {
    action();
  } catch (const eucv::error& failure) {
    return failure;
  }
  return std::nullopt;
}

/// The code of that error, or errc{} where nothing is thrown.
template <class Action>
eucv::errc code_of(Action&& action) {
  const auto failure = failure_of(action);
  return failure ? failure->code() : eucv::errc{};
}

} // namespace test
