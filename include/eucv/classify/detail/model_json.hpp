#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/json.hpp>

#include <string>
#include <utility>

namespace eucv::classify::detail {

/// A JSON value with what its messages need. Each way down checks the type.
class model_json {
public:
  model_json(const boost::json::value& value, const std::string& on, std::string name)
      : value_(value), on_(on), name_(std::move(name)) {}

  [[noreturn]] void refuse(const std::string& why) const {
    throw error(errc::bad_format, {"read the model", on_, "\"" + name_ + "\" " + why,
                                   "take the folder as eucv wrote it, or train the model anew"});
  }
  [[nodiscard]] model_json at(const char* key) const {
    const auto* const object = value_.if_object();
    const auto* const member = object == nullptr ? nullptr : object->if_contains(key);
    if (member == nullptr) refuse(std::string("has no \"") + key + "\"");
    return {*member, on_, key};
  }
  [[nodiscard]] bool has(const char* key) const {
    const auto* const object = value_.if_object();
    return object != nullptr && object->contains(key);
  }
  [[nodiscard]] std::string text() const {
    const auto* const string = value_.if_string();
    if (string == nullptr) refuse("is no text");
    return {string->data(), string->size()};
  }
  [[nodiscard]] double number() const {
    if (!value_.is_number()) refuse("is no number");
    return value_.to_number<double>();
  }
  template <class Function>
  void for_each(Function&& function) const {
    const auto* const array = value_.if_array();
    if (array == nullptr) refuse("is no list");
    for (const auto& each : *array) function(model_json(each, on_, name_));
  }
  template <class Function>
  void for_each_member(Function&& function) const {
    const auto* const object = value_.if_object();
    if (object == nullptr) refuse("is no object");
    for (const auto& [key, value] : *object) function(std::string(key), model_json(value, on_, std::string(key)));
  }

private:
  const boost::json::value& value_;
  const std::string& on_;
  std::string name_;
};

} // namespace eucv::classify::detail
