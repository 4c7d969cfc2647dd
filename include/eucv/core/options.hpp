#pragma once

#include <eucv/core/error.hpp>
#include <eucv/core/option_fields.hpp>

#include <array>
#include <charconv>
#include <concepts>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

/// What is made from the description of an option struct (option_fields.hpp): a visitor for command lines and
/// configuration files, names of choices, texts, checks, and the identity of a checkpoint.
namespace eucv {
namespace detail {

template <class T>
inline constexpr bool is_variant = false;
template <class... Alternatives>
inline constexpr bool is_variant<std::variant<Alternatives...>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

} // namespace detail

/// Calls function(name, field, value) for each option of `options`, those of groups included: `field` is the
/// option_field, `value` a reference to the member, const where `options` is. `name` is field.name behind `prefix`.
/// A variant is one value: its alternatives are option structs to be visited in turn.
template <class Options, class Function>
requires option_struct<std::remove_const_t<Options>>
void visit_options(Options& options, Function&& function, const std::string& prefix = {}) {
  const auto visit_one = [&]<class Field>(const Field& field) {
    auto& value = options.*field.member;
    if constexpr (requires { field.help; })
      function(prefix + std::string(field.name), field, value);
    else if constexpr (option_struct<detail::field_type<Field>>)
      visit_options(value, function, prefix);
  };
  std::remove_const_t<Options>::fields().for_each(visit_one);
}

/// The names among which an option of this type is a choice: those of a named_enum or of a variant's alternatives.
/// Empty for other types.
template <class Type>
[[nodiscard]] std::vector<std::string_view> choices_of() {
  std::vector<std::string_view> names;
  if constexpr (named_enum<Type>)
    for (const auto& each : enumerators(Type{})) names.push_back(each.name);
  if constexpr (detail::is_variant<Type>)
    [&]<class... Alternatives>(std::type_identity<std::variant<Alternatives...>>) {
      (names.push_back(Alternatives::name), ...);
    }(std::type_identity<Type>{});
  return names;
}

/// Makes `value` the choice of this name: an enumerator, or an alternative with its default values. Returns whether
/// there is one; where not, `value` is left alone.
template <class Type>
requires named_enum<Type> || detail::is_variant<Type>
[[nodiscard]] bool choose(Type& value, std::string_view name) {
  if constexpr (named_enum<Type>) {
    for (const auto& each : enumerators(Type{}))
      if (each.name == name) return value = each.value, true;
    return false;
  } else {
    return [&]<class... Alternatives>(std::type_identity<std::variant<Alternatives...>>) {
      return (... || (Alternatives::name == name && (value = Alternatives{}, true)));
    }(std::type_identity<Type>{});
  }
}

/// The value of an option as text. Numbers read back exactly; a list is joined by blanks; a variant is the name of its
/// alternative; an empty optional is "none"; a value of an enumeration that has no name is empty.
template <class Type>
[[nodiscard]] std::string option_text(const Type& value) {
  if constexpr (std::is_same_v<Type, bool>) {
    return value ? "true" : "false";
  } else if constexpr (named_enum<Type>) {
    for (const auto& each : enumerators(value))
      if (each.value == value) return std::string(each.name);
    return {};
  } else if constexpr (std::is_arithmetic_v<Type>) {
    std::array<char, 64> digits{};
    return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
  } else if constexpr (std::is_same_v<Type, std::filesystem::path>) {
    return value.string();
  } else if constexpr (std::convertible_to<const Type&, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (detail::is_optional<Type>) {
    return value ? option_text(*value) : "none";
  } else if constexpr (detail::is_variant<Type>) {
    return std::visit([](const auto& chosen) { return std::string(chosen.name); }, value);
  } else {
    std::string text;
    for (const auto& each : value) {
      if (!text.empty()) text += ' ';
      text += option_text(each);
    }
    return text;
  }
}

/// What an option may be, for its help and for messages: "at least 1", "one of sgd, adam, adam_w"; empty: anything.
template <class Owner, class Type, class Allowed>
[[nodiscard]] std::string allowed_text(const option_field<Owner, Type, Allowed>& field) {
  auto names = choices_of<Type>();
  if constexpr (std::is_same_v<Allowed, text_choices>)
    for (const auto name : field.allowed.names()) names.push_back(name);
  if constexpr (std::is_same_v<Allowed, number_range>) return field.allowed.text();
  std::string text;
  for (const auto name : names) text += (text.empty() ? "one of " : ", ") + std::string(name);
  return text;
}

namespace detail {

template <class Type, class Allowed>
[[nodiscard]] bool allows(const Allowed& allowed, const Type& value) {
  if constexpr (is_optional<Type>) {
    return !value || allows(allowed, *value);
  } else if constexpr (std::is_arithmetic_v<Type> && std::is_same_v<Allowed, number_range>) {
    return allowed.contains(static_cast<double>(value));
  } else if constexpr (std::is_same_v<Allowed, number_range>) {
    for (const auto& each : value)
      if (!allows(allowed, each)) return false;
    return true;
  } else if constexpr (std::is_same_v<Allowed, text_choices>) {
    for (const auto name : allowed.names())
      if (name == value) return true;
    return false;
  } else if constexpr (named_enum<Type>) {
    return !option_text(value).empty();
  } else {
    return true;
  }
}

struct refused_value {
  std::string value, allowed, usual;
};
[[noreturn]] inline void refuse_option(const std::string& tried, const std::string& name, const refused_value& why) {
  throw error(errc::invalid_argument,
              {tried, "the option " + name, "it is \"" + why.value + "\", which is not " + why.allowed,
               "the default is \"" + why.usual + "\""});
}

} // namespace detail

/// Throws invalid_argument for the first option that has a value which it may not have. The message begins with `tried`
/// and names option, value, what is allowed and the default. Of a variant the options of its alternative are checked.
template <option_struct Options>
void check_options(const Options& options, const std::string& tried, const std::string& prefix = {}) {
  const auto check_one = [&]<class Owner, class Type, class Allowed>(const std::string& name,
                                                                     const option_field<Owner, Type, Allowed>& field,
                                                                     const Type& value) {
    if (!detail::allows(field.allowed, value))
      detail::refuse_option(tried, name, {option_text(value), allowed_text(field), option_text(Owner{}.*field.member)});
    if constexpr (detail::is_variant<Type>)
      std::visit([&](const auto& chosen) { check_options(chosen, tried, name + "."); }, value);
  };
  visit_options(options, check_one, prefix);
}

/// All options that are part of the identity, as text by name: two runs with equal texts have equal options. A variant
/// gives its alternative by name, and the options of that one as "optimizer.momentum". Throws invalid_argument where
/// two options have one name.
template <option_struct Options>
[[nodiscard]] std::map<std::string, std::string> identity_of(const Options& options, const std::string& prefix = {}) {
  std::map<std::string, std::string> texts;
  const auto add = [&]<class Type>(const std::string& name, const auto& field, const Type& value) {
    if (!field.in_identity) return;
    if (!texts.emplace(name, option_text(value)).second)
      throw error(errc::invalid_argument, {"describe options", name, "two options have this name", "rename one"});
    if constexpr (detail::is_variant<Type>)
      std::visit([&](const auto& chosen) { texts.merge(identity_of(chosen, name + ".")); }, value);
  };
  visit_options(options, add, prefix);
  return texts;
}

} // namespace eucv
