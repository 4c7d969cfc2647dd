#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replay {

/// The path and the parameters of a request target, decoded once: %2B is '+', '+' is a blank.
struct parameters {
  std::string path;
  std::vector<std::pair<std::string, std::string>> values;

  explicit parameters(std::string_view target) {
    const std::size_t question = std::min(target.find('?'), target.size());
    path = decoded(target.substr(0, question), '+');
    for (std::string_view rest = target.substr(question); rest.size() > 1;) {
      rest.remove_prefix(1);
      const std::string_view one = rest.substr(0, rest.find('&'));
      const std::size_t equal = std::min(one.find('='), one.size());
      values.emplace_back(decoded(one.substr(0, equal), ' '),
                          decoded(one.substr(std::min(equal + 1, one.size())), ' '));
      rest.remove_prefix(one.size());
    }
  }

  /// Adds those of a JSON object, as a POST has it; false where the text is none.
  bool add_json(std::string_view text) {
    boost::json::error_code fault;
    const boost::json::value whole = boost::json::parse({text.data(), text.size()}, fault);
    if (fault || !whole.is_object()) return false;
    const auto add = [&](std::string_view name, const boost::json::value& value) {
      values.emplace_back(std::string(name),
                          value.is_string() ? std::string(value.get_string()) : boost::json::serialize(value));
    };
    for (const auto& [key, value] : whole.get_object()) {
      if (!value.is_array()) add({key.data(), key.size()}, value);
      if (value.is_array())
        for (const auto& element : value.get_array()) add({key.data(), key.size()}, element);
    }
    return true;
  }

  /// The first value of a parameter.
  [[nodiscard]] std::optional<std::string> first(std::string_view name) const {
    for (const auto& [key, value] : values)
      if (key == name) return value;
    return std::nullopt;
  }
  /// All values of a parameter that may be repeated.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [key, value] : values)
      if (key == name) found.push_back(value);
    return found;
  }

private:
  static std::string decoded(std::string_view text, char plus) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto digit = [&](char c) { return digits.find(static_cast<char>(c | 0x20)); };
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool escape = text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) < 16 && digit(text[i + 2]) < 16;
      plain += escape           ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]))
               : text[i] == '+' ? plus
                                : text[i];
      if (escape) i += 2;
    }
    return plain;
  }
};

} // namespace replay
