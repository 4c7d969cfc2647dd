#pragma once

#include <eucv/core/json_text.hpp>

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

/// Option structs that describe their fields once. Checks, the identity of a checkpoint, the command line, its help
/// and the configuration file are all made from that one description:
///
///     struct fit_options {
///       std::size_t epochs = 40;
///       double clip_norm = 1;
///       std::function<double()> clock = {};
///
///       static constexpr auto fields() {
///         using self = fit_options;
///         return field_list{option("epochs", &self::epochs, "passes over all pictures", at_least(1)),
///                           option("clip-norm", &self::clip_norm, "largest norm; 0: any", at_least(0)),
///                           runtime_field(&self::clock)};
///       }
///     };
///     static_assert(describes_all_fields<fit_options>);
namespace eucv {

/// A struct whose static function fields() returns a field_list of option(), option_group() and runtime_field(), one
/// for each of its members, in their order. An aggregate that is default-initialised has the default values.
template <class T>
concept option_struct = requires {
  T::fields();
};

/// One value of an enumeration and its name. The function `constexpr auto enumerators(some_enum)` beside an enumeration
/// returns a std::array of all of them, and so makes it a type of options.
template <class Enum>
struct enumerator {
  Enum value;
  std::string_view name;
};
template <class Enum>
enumerator(Enum, const char*) -> enumerator<Enum>;

/// An enumeration whose values have names.
template <class T>
concept named_enum = std::is_enum_v<T> && requires(T value) {
  enumerators(value);
};

/// An interval of numbers: `at_least(0).below(1)`. Neither infinity nor "not a number" is in any.
struct number_range {
  double least = std::numeric_limits<double>::lowest(), most = std::numeric_limits<double>::max();
  bool excludes_least = false, excludes_most = false;

  [[nodiscard]] constexpr number_range at_most(double bound) const { return {least, bound, excludes_least, false}; }
  [[nodiscard]] constexpr number_range below(double bound) const { return {least, bound, excludes_least, true}; }

  [[nodiscard]] constexpr bool contains(double value) const noexcept {
    return (excludes_least ? value > least : value >= least) && (excludes_most ? value < most : value <= most);
  }
  /// "at least 0 and below 1".
  [[nodiscard]] std::string text() const {
    std::string text;
    if (least != number_range{}.least) text = (excludes_least ? "above " : "at least ") + json_number(least);
    if (most != number_range{}.most)
      text += std::string(text.empty() ? "" : " and ") + (excludes_most ? "below " : "at most ") + json_number(most);
    return text;
  }
};
[[nodiscard]] constexpr number_range at_least(double bound) {
  return {.least = bound};
}
[[nodiscard]] constexpr number_range above(double bound) {
  return {.least = bound, .excludes_least = true};
}
[[nodiscard]] constexpr number_range between(double least, double most) {
  return at_least(least).at_most(most);
}

/// A closed list of texts, such as the names of a registry.
struct text_choices {
  std::span<const std::string_view> (*names)();
};
[[nodiscard]] constexpr text_choices one_of(std::span<const std::string_view> (*names)()) {
  return {names};
}

/// Every value that the type of the option has.
struct any_value {};

/// The description of one option. Made by option().
template <class Owner, class Type, class Allowed>
struct option_field {
  std::string_view name; ///< words joined by hyphens: "clip-norm"
  Type Owner::*member;
  std::string_view help;          ///< a phrase without capital and full stop
  Allowed allowed = {};           ///< number_range (of each element, where Type is a list), text_choices or any_value
  std::string_view old_name = {}; ///< by which the option was known in the version before; empty: none
  bool in_identity = true;        ///< whether two runs that differ in it are different runs
  bool is_internal = false;       ///< set by the library itself: not for command lines and configuration files

  /// The same option with the name that it had in the version before.
  [[nodiscard]] constexpr option_field formerly(std::string_view name_before) const {
    auto changed = *this;
    changed.old_name = name_before;
    return changed;
  }
  /// The same option, which does not change the result: the number of threads, say.
  [[nodiscard]] constexpr option_field outside_identity() const {
    auto changed = *this;
    changed.in_identity = false;
    return changed;
  }
  /// The same option, set by the library and not by people.
  [[nodiscard]] constexpr option_field internal() const {
    auto changed = *this;
    changed.is_internal = true;
    return changed;
  }
};

/// Describes a member that is a number, bool, text, path, named_enum, std::optional or range of these, or a
/// std::variant of option structs that each have a `static constexpr std::string_view name`.
template <class Owner, class Type, class Allowed = any_value>
[[nodiscard]] constexpr option_field<Owner, Type, Allowed> option(std::string_view name, Type Owner::*member,
                                                                  std::string_view help, Allowed allowed = {}) {
  return {name, member, help, allowed};
}

/// A member that is an option struct itself: its options are taken for options of the outer struct.
template <class Owner, class Type>
struct option_group {
  constexpr explicit option_group(Type Owner::*which) : member(which) {}
  Type Owner::*member;
};

/// A member that is no option: a callback, clock, progress or stop token.
template <class Owner, class Type>
struct runtime_field {
  constexpr explicit runtime_field(Type Owner::*which) : member(which) {}
  Type Owner::*member;
};

namespace detail {

template <class Owner, class Type>
Type type_of_member(Type Owner::*);
template <class Field>
using field_type = decltype(type_of_member(std::declval<const Field&>().member));

template <class A, class B>
constexpr bool same_member(A, B) {
  return false;
}
template <class A>
constexpr bool same_member(A a, A b) {
  return a == b;
}

} // namespace detail

/// The descriptions of all members of an option struct, in their order: what its fields() returns. One that is itself a
/// list stands for its elements, such as those of a base class.
///
/// As much of std::tuple as is needed here, which costs compilers far less.
template <class... Fields>
struct field_list {
  template <class Function>
  constexpr void for_each(Function&&) const {}
  [[nodiscard]] constexpr bool are_distinct() const { return true; }
  template <class Member>
  [[nodiscard]] constexpr bool lacks(Member) const {
    return true;
  }
};
template <class First, class... Rest>
struct field_list<First, Rest...> {
  First first;
  field_list<Rest...> rest;

  constexpr field_list(First one, Rest... others) : first(one), rest(others...) {}

  /// Calls function(field) for each.
  template <class Function>
  constexpr void for_each(Function&& function) const {
    if constexpr (requires { first.are_distinct(); })
      first.for_each(function);
    else
      function(first);
    rest.for_each(function);
  }
  /// Whether each describes a member of its own.
  [[nodiscard]] constexpr bool are_distinct() const { return rest.lacks(first.member) && rest.are_distinct(); }
  template <class Member>
  [[nodiscard]] constexpr bool lacks(Member member) const {
    return !detail::same_member(first.member, member) && rest.lacks(member);
  }
};
template <class... Fields>
field_list(Fields...) -> field_list<Fields...>;

namespace detail {

// The members in their order make the struct, with no room for one more. What is missing leaves that room; what is
// listed twice in place of another is found by comparing members.
template <class T, class... Fields>
constexpr bool describes_all(const field_list<Fields...>& fields) {
  constexpr bool fits = requires {
    T{std::declval<field_type<Fields>>()...};
  };
  constexpr bool has_room = requires {
    T{std::declval<field_type<Fields>>()..., {}};
  };
  return fits && !has_room && fields.are_distinct();
}

} // namespace detail

/// Whether T::fields() has each member of the aggregate T once, in the order of declaration: for a static_assert beside
/// the struct, so that a new member without a description does not compile.
template <option_struct T>
inline constexpr bool describes_all_fields = detail::describes_all<T>(T::fields());

} // namespace eucv
