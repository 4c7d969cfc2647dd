#pragma once

#include <eucv/core/implementation.hpp>
#include <eucv/core/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace eucv::net {

/// An http or https URL in parts, as they are sent in a request.
struct url {
  std::string scheme;       ///< "http" or "https"
  std::string host;         ///< lower-case name, IPv4 address, or IPv6 address in brackets
  std::uint16_t port = 0;   ///< never 0 after parse_url()
  std::string target = "/"; ///< path and query, percent-encoded; begins with '/', holds no fragment

  /// "scheme://host", and ":port" unless it is the default port of the scheme.
  [[nodiscard]] std::string origin() const {
    std::string text = scheme + "://" + host;
    if (port != (scheme == "https" ? 443 : 80)) text.append(":").append(std::to_string(port));
    return text;
  }
  /// The whole URL.
  [[nodiscard]] std::string str() const { return origin() + target; }

  friend bool operator==(const url&, const url&) = default;
};

/// Parses an absolute http or https URL, tolerating common errors of people and databases.
///
/// Blanks around it are removed; blanks, quotes, brackets and bytes of UTF-8 inside are percent-encoded, and so is a
/// stray '%'; "." and ".." are resolved; a fragment is dropped; everything else in path and query is unchanged byte by
/// byte, since some servers sign it. Returns errc::bad_url for other schemes, user info, control characters, a port 0,
/// over 65535 or one that browsers block since another service listens there (mail, for example), and a host that is no
/// plain ASCII name. Whether the host is public is checked when it is resolved: see client.
result<url> parse_url(std::string_view text);

/// Resolves `reference`, absolute or relative, such as a Location header, against `base` (RFC 3986, section 5). Returns
/// errc::bad_url as parse_url() does.
result<url> resolve_url(const url& base, std::string_view reference);

/// Percent-encodes `text` for use in a query: every byte but letters, digits and "-._~" becomes %XX.
[[nodiscard]] std::string percent_encode(std::string_view text);

} // namespace eucv::net

#ifdef EUCV_IMPLEMENTATION_NET
#include <eucv/net/secret.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

namespace eucv::net {

namespace detail {

constexpr bool is_alphanumeric(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_hexadecimal(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

void append_encoded(std::string& text, char c) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  text += '%';
  text += digits[byte >> 4];
  text += digits[byte & 15];
}

error bad_url(std::string_view text, std::string why) {
  std::string shown = redact(text.substr(0, 300));
  std::ranges::replace_if(
      shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return {errc::bad_url, {"read an address", std::move(shown), std::move(why), "give an http or https address"}};
}

// `text` as RFC 3986 wants it: what no URL may hold is percent-encoded. Brackets may stand in the host alone, so
// they are encoded from the first '/', '?' or '#' behind the authority on.
std::string tidy(std::string_view text) {
  const std::size_t slash = std::min(text.size(), text.find_first_of("/?#")); // "://" may also stand in a query
  const bool absolute = slash != 0 && text[slash - 1] == ':' && text.substr(slash).starts_with("//");
  const std::size_t authority = absolute ? slash + 2 : text.starts_with("//") ? 2 : 0;
  const std::size_t path = authority == 0 ? 0 : std::min(text.size(), text.find_first_of("/?#", authority));
  std::string tidied(text.substr(0, path));
  bool in_fragment = false;
  for (std::size_t i = path; i < text.size(); ++i) {
    const char c = text[i];
    const bool escape = c == '%' && i + 2 < text.size() && is_hexadecimal(text[i + 1]) && is_hexadecimal(text[i + 2]);
    if (is_alphanumeric(c) || escape || std::string_view("-._~!$&'()*+,;=:@/?").find(c) != std::string_view::npos)
      tidied += c;
    else if (c == '#' && !in_fragment)
      in_fragment = true, tidied += c;
    else
      append_encoded(tidied, c);
  }
  return tidied;
}

// "." and ".." resolved (RFC 3986, 5.2.4), in their percent-encoded spellings too, as browsers do: a server that
// decodes before it resolves must not see more than we saw.
std::string without_dots(std::string_view path) {
  const auto dots = [](std::string_view segment) {
    std::size_t count = 0;
    for (; !segment.empty(); ++count) {
      if (segment.starts_with('.'))
        segment.remove_prefix(1);
      else if (begins_ignoring_case(segment, "%2e"))
        segment.remove_prefix(3);
      else
        return std::size_t{0};
    }
    return count > 2 ? std::size_t{0} : count;
  };
  std::string clean;
  while (!path.empty()) {
    path.remove_prefix(1); // the '/' that begins every segment
    const std::size_t length = std::min(path.size(), path.find('/'));
    const std::string_view segment = path.substr(0, length);
    const bool last = length == path.size();
    const std::size_t count = dots(segment);
    if (count == 2) clean.resize(clean.empty() ? 0 : clean.rfind('/'));
    if (count == 0)
      clean.append("/").append(segment);
    else if (last)
      clean += '/';
    path.remove_prefix(length);
  }
  return clean.empty() ? "/" : clean;
}

// The ports that the Fetch standard (WHATWG, "port blocking") blocks: the services there do not speak HTTP, and might
// execute parts of a request.
bool is_port_of_another_service(std::uint16_t port) {
  static constexpr std::array<std::uint16_t, 82> blocked{
      1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,   42,   43,   53,
      69,   77,   79,   87,   95,   101,  102,  103,  104,  109,  110,  111,  113,  115,  117,  119,  123,
      135,  137,  139,  143,  161,  179,  389,  427,  465,  512,  513,  514,  515,  526,  530,  531,  532,
      540,  548,  554,  556,  563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049, 3659,
      4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080};
  static_assert(std::ranges::is_sorted(blocked));
  return std::ranges::binary_search(blocked, port);
}

// The scheme of an address that has one and no "//" behind it, such as "mailto:a@b". None of these is of the web, and
// at "a:?" Boost 1.81 ends the program, so they must not reach its parser.
std::string_view scheme_without_host(std::string_view text) {
  const std::size_t colon = text.find_first_of(":/?#");
  const bool found = colon != std::string_view::npos && text[colon] == ':' && !text.substr(colon + 1).starts_with("//");
  return found ? text.substr(0, colon) : std::string_view();
}

result<url> from_parts(const boost::urls::url_view& parts, std::string_view text) {
  url address;
  for (const char c : parts.scheme()) address.scheme += lower(c);
  if (address.scheme != "http" && address.scheme != "https")
    return bad_url(text, address.scheme.empty() ? "it names no scheme" : "its scheme is " + address.scheme);
  if (parts.has_userinfo()) return bad_url(text, "it holds a user name or password");
  for (const char c : std::string_view(parts.encoded_host())) address.host += lower(c);
  const auto kind = parts.host_type();
  if (kind == boost::urls::host_type::ipvfuture || address.host.empty() || address.host.size() > 253)
    return bad_url(text, "its host is empty, too long, or of an unknown kind");
  if (kind == boost::urls::host_type::name &&
      !std::ranges::all_of(address.host, [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; }))
    return bad_url(text, "its host is no plain ASCII name (an international name is written xn--...)");
  address.port = address.scheme == "https" ? 443 : 80;
  if (parts.has_port() && !parts.port().empty()) {
    const std::string_view digits = parts.port(); // port_number() of Boost 1.81 wraps around at 65536
    if (std::from_chars(digits.begin(), digits.end(), address.port).ec != std::errc{} || address.port == 0)
      return bad_url(text, "its port is not in 1 to 65535");
    if (is_port_of_another_service(address.port))
      return bad_url(text, "its port is one of another service than the web");
  }
  const std::string_view path = parts.encoded_path();
  if (!path.empty() && path.front() != '/') // Boost 1.81 reads "http://x:y/" as an empty port and the path "y/"
    return bad_url(text, "its port is no number");
  address.target = without_dots(path);
  if (parts.has_query()) address.target.append("?").append(parts.encoded_query());
  return address;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

} // namespace detail

result<url> parse_url(std::string_view text) {
  text = detail::trim(text);
  if (detail::has_control_characters(text)) return detail::bad_url(text, "it holds control characters");
  const std::string tidied = detail::tidy(text);
  if (const auto scheme = detail::scheme_without_host(tidied); !scheme.empty())
    return detail::bad_url(text, "its scheme is " + std::string(scheme));
  const auto parts = boost::urls::parse_uri(tidied);
  if (!parts) return detail::bad_url(text, "it is no absolute address (" + parts.error().message() + ")");
  return detail::from_parts(*parts, text);
}

result<url> resolve_url(const url& base, std::string_view reference) {
  reference = detail::trim(reference);
  if (detail::has_control_characters(reference)) return detail::bad_url(reference, "it holds control characters");
  const std::string tidied = detail::tidy(reference), base_text = base.str();
  if (const auto scheme = detail::scheme_without_host(tidied); !scheme.empty())
    return detail::bad_url(reference, "its scheme is " + std::string(scheme));
  const auto base_parts = boost::urls::parse_uri(base_text);
  if (!base_parts) return detail::bad_url(base_text, "the base is no address (" + base_parts.error().message() + ")");
  const auto parts = boost::urls::parse_uri_reference(tidied);
  if (!parts) return detail::bad_url(reference, "it is no address (" + parts.error().message() + ")");
  boost::urls::url whole;
  const auto resolved = boost::urls::resolve(*base_parts, *parts, whole);
  if (!resolved) return detail::bad_url(reference, "it does not resolve (" + resolved.error().message() + ")");
  return detail::from_parts(whole, reference);
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text)
    if (detail::is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~')
      encoded += c;
    else
      detail::append_encoded(encoded, c);
  return encoded;
}

} // namespace eucv::net
#endif
