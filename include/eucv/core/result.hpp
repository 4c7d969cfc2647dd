#pragma once

#include <eucv/core/error.hpp>

#include <utility>
#include <variant>

namespace eucv {

/// A value or an error: the return type where one item of many fails and the run goes on.
///
///     result<bitmap> picture = image::decode(bytes);
///     if (!picture) count(picture.error().reason());
template <class T>
class [[nodiscard]] result {
public:
  /// Holds the value.
  result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  /// Holds the error.
  result(eucv::error failure) : content_(std::in_place_index<1>, std::move(failure)) {}

  /// Whether it holds a value.
  [[nodiscard]] bool has_value() const noexcept { return content_.index() == 0; }
  /// Whether it holds a value.
  explicit operator bool() const noexcept { return has_value(); }

  /// The value. Throws the error where it holds one.
  [[nodiscard]] T& value() & { return check(), *std::get_if<0>(&content_); }
  [[nodiscard]] const T& value() const& { return check(), *std::get_if<0>(&content_); }
  [[nodiscard]] T&& value() && { return check(), std::move(*std::get_if<0>(&content_)); }

  /// As value().
  [[nodiscard]] T& operator*() & { return value(); }
  [[nodiscard]] const T& operator*() const& { return value(); }
  [[nodiscard]] T&& operator*() && { return std::move(*this).value(); }
  [[nodiscard]] T* operator->() { return &value(); }
  [[nodiscard]] const T* operator->() const { return &value(); }

  /// The error. Precondition: !has_value(); throws std::bad_variant_access otherwise.
  [[nodiscard]] const eucv::error& error() const { return std::get<1>(content_); }

private:
  void check() const {
    if (!has_value()) throw std::get<1>(content_);
  }

  std::variant<T, eucv::error> content_;
};

} // namespace eucv
