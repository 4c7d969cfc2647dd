#pragma once

#include <eucv/core/error.hpp>

#include <utility>
#include <variant>

namespace eucv {

/// A value, or the error that stood in its way: for failures that belong to one item and do not end the run.
///
///     result<bitmap> picture = image::decode(bytes);
///     if (!picture) count(picture.error().reason());
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  result(eucv::error failure) : content_(std::in_place_index<1>, std::move(failure)) {}

  [[nodiscard]] bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  /// The value. Throws the held error where there is none.
  [[nodiscard]] T& value() & { return check(), *std::get_if<0>(&content_); }
  [[nodiscard]] const T& value() const& { return check(), *std::get_if<0>(&content_); }
  [[nodiscard]] T&& value() && { return check(), std::move(*std::get_if<0>(&content_)); }

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
