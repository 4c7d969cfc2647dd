// An address from a stranger: what parse_url() lets through is one line, has no user info, and reads back as itself; so
// does what it becomes behind a redirect. A literal host is judged the same however it is written.
#include <require.hpp>

#include <eucv/net/address.hpp>
#include <eucv/net/url.hpp>

#include <algorithm>

namespace {

void check(const eucv::net::url& address) {
  fuzz::require(address.scheme == "http" || address.scheme == "https");
  fuzz::require(!address.host.empty() && address.port != 0 && address.target.starts_with('/'));
  fuzz::require(address.host.find_first_of("@/\\?# ") == std::string::npos);
  const std::string text = address.str();
  fuzz::require(std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; }));
  const auto again = eucv::net::parse_url(text);
  fuzz::require(again && *again == address);
  boost::system::error_code no_literal;
  const bool bracketed = address.host.starts_with('[');
  const std::string host = bracketed ? address.host.substr(1, address.host.size() - 2) : address.host;
  const auto literal = boost::asio::ip::make_address(host, no_literal);
  if (no_literal) return;
  fuzz::require(eucv::net::is_public(literal) ==
                eucv::net::is_public(boost::asio::ip::make_address(literal.to_string())));
  if (literal.is_loopback() || literal.is_unspecified() || literal.is_multicast())
    fuzz::require(!eucv::net::is_public(literal));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto text = fuzz::text_of(bytes, size);
  if (const auto address = eucv::net::parse_url(text)) check(*address);
  static const eucv::net::url base = *eucv::net::parse_url("https://museum.example:8443/a/b?c");
  if (const auto next = eucv::net::resolve_url(base, text)) check(*next);
  return 0;
}
