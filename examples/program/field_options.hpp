#pragma once

#include <eucv/core/options.hpp>

#include <CLI/CLI.hpp>

#include <cctype>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace program {
namespace detail {

/// A check of a number by the range of its option, with a message that people can read.
inline CLI::Validator in_range(const eucv::number_range& range) {
  return CLI::Validator(
      [range](std::string& text) {
        char* end = nullptr;
        const double number = std::strtod(text.c_str(), &end);
        return end != text.c_str() && *end == '\0' && range.contains(number)
                   ? std::string()
                   : "\"" + text + "\" is not a number" + (range.text().empty() ? "" : " of " + range.text());
      },
      "");
}

inline CLI::Validator one_of_names(const std::vector<std::string_view>& names) {
  return CLI::IsMember(std::vector<std::string>(names.begin(), names.end())).description("");
}

/// Adds one option. Its help ends with what it may be, and CLI11 shows the default value.
template <class Field, class Type>
CLI::Option* add_field(CLI::App& command, const std::string& name, const Field& field, Type& value) {
  std::string help(field.help);
  help[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(help[0])));
  const std::string flag = "--" + name;
  using allowed = std::remove_cvref_t<decltype(field.allowed)>;
  if constexpr (std::is_same_v<allowed, eucv::text_choices>) {
    const auto names = field.allowed.names();
    help += ": " + eucv::allowed_text(field);
    return command.add_option(flag, value, help)->check(one_of_names({names.begin(), names.end()}));
  } else if constexpr (eucv::named_enum<Type>) {
    std::map<std::string, Type> names;
    for (const auto& each : enumerators(value)) names.emplace(each.name, each.value);
    const auto initial = eucv::option_text(value);
    help += ": " + eucv::allowed_text(field);
    return command.add_option(flag, value, help)
        ->transform(CLI::CheckedTransformer(names).description(""))
        ->default_str(initial);
  } else if constexpr (std::is_same_v<Type, bool>) {
    return command.add_flag(flag, value, help);
  } else {
    auto* const option = command.add_option(flag, value, help);
    if constexpr (std::is_same_v<allowed, eucv::number_range>)
      option->check(in_range(field.allowed));
    else if constexpr (std::is_unsigned_v<Type>)
      option->check(in_range(eucv::at_least(0)));
    return option;
  }
}

} // namespace detail

/// Options of the version before and their names of today, by command: read by prepared_arguments().
inline std::map<std::string, std::map<std::string, std::string>>& former_names() {
  static std::map<std::string, std::map<std::string, std::string>> names;
  return names;
}

/// Adds all options that an option struct describes, as `--name`, with help, range and default value.
template <eucv::option_struct Options>
void add_fields(CLI::App& command, Options& options) {
  eucv::visit_options(options, [&](const std::string& name, const auto& field, auto& value) {
    if (field.is_internal) return;
    using type = std::remove_cvref_t<decltype(value)>;
    auto* const option = detail::add_field(command, name, field, value);
    if constexpr (!std::is_same_v<type, bool> && !eucv::named_enum<type>)
      if (!eucv::option_text(value).empty() && eucv::option_text(value) != "none") option->capture_default_str();
    if (!field.old_name.empty()) former_names()[command.get_name()]["--" + std::string(field.old_name)] = "--" + name;
  });
}

} // namespace program
