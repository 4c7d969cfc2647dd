#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/implementation.hpp>

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

namespace eucv {

/// Parses one JSON text (RFC 8259) strictly. Two equal keys in an object, a number that overflows a double, invalid
/// UTF-8 and nesting beyond 32 levels are errors; Boost.JSON accepts the first two. A number with a point or an
/// exponent becomes the nearest double, so the text of json_number() reads back unchanged; Boost.JSON 1.81 may be off
/// by one bit. `on` names the source in the message. Throws errc::bad_format with the line of the error.
[[nodiscard]] boost::json::value parse_json(std::string_view text, const std::string& on);

} // namespace eucv

#ifdef EUCV_IMPLEMENTATION_CORE

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace eucv {
namespace detail {

// Events of boost::json::basic_parser, turned into a value, with the keys of each open object remembered.
struct strict_json_handler {
  static constexpr std::size_t max_object_size = 1U << 24;
  static constexpr std::size_t max_array_size = 1U << 24;
  static constexpr std::size_t max_key_size = 1U << 20;
  static constexpr std::size_t max_string_size = 1U << 28;
  using error_code = boost::json::error_code;

  boost::json::value_stack stack;
  std::vector<std::unordered_set<std::string>> keys;
  std::string key_part;
  std::string fault;

  bool refuse(error_code& code, std::string why) {
    fault = std::move(why);
    code = make_error_code(boost::json::error::exception);
    return false;
  }

  bool on_document_begin(error_code&) { return stack.reset(), true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return keys.emplace_back(), true; }
  bool on_object_end(std::size_t count, error_code&) { return keys.pop_back(), stack.push_object(count), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t count, error_code&) { return stack.push_array(count), true; }
  bool on_key_part(boost::json::string_view part, std::size_t, error_code&) {
    return key_part.append(part.data(), part.size()), stack.push_chars(part), true;
  }
  bool on_key(boost::json::string_view part, std::size_t, error_code& code) {
    key_part.append(part.data(), part.size());
    if (!keys.back().insert(key_part).second)
      return refuse(code, "the key \"" + key_part + "\" stands twice in one object");
    key_part.clear();
    stack.push_key(part);
    return true;
  }
  bool on_string_part(boost::json::string_view part, std::size_t, error_code&) { return stack.push_chars(part), true; }
  bool on_string(boost::json::string_view part, std::size_t, error_code&) { return stack.push_string(part), true; }
  bool on_number_part(boost::json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t number, boost::json::string_view, error_code&) { return stack.push_int64(number), true; }
  bool on_uint64(std::uint64_t number, boost::json::string_view, error_code&) {
    return stack.push_uint64(number), true;
  }
  // The text is parsed in one piece, so `digits` holds the whole number. Where from_chars() finds it out of range, too
  // small for a double, Boost.JSON's zero stays.
  bool on_double(double number, boost::json::string_view digits, error_code& code) {
    if (!std::isfinite(number)) return refuse(code, "a number is too large for a double");
    (void)std::from_chars(digits.data(), digits.data() + digits.size(), number);
    stack.push_double(number);
    return true;
  }
  bool on_bool(bool flag, error_code&) { return stack.push_bool(flag), true; }
  bool on_null(error_code&) { return stack.push_null(), true; }
  bool on_comment_part(boost::json::string_view, error_code&) { return true; }
  bool on_comment(boost::json::string_view, error_code&) { return true; }
};

} // namespace detail

boost::json::value parse_json(std::string_view text, const std::string& on) {
  boost::json::basic_parser<detail::strict_json_handler> parser{boost::json::parse_options{}};
  boost::json::error_code code;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  if (!code && read == text.size()) return parser.handler().stack.release();
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(read), '\n');
  std::string why = "it is no JSON";
  if (!parser.handler().fault.empty())
    why = parser.handler().fault;
  else if (code)
    why += " (" + code.message() + ")";
  else
    why += " (text goes on after the value)";
  throw error(errc::bad_format,
              {"read JSON", on + " line " + std::to_string(line), why, "mend the file, or write it anew"});
}

} // namespace eucv
#endif
