#include <eucv/net/secret.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <ostream>
#include <string>

using eucv::net::redact;
using eucv::net::secret_string;

namespace {

template <class T>
concept printable = requires(std::ostream& out, const T& value) {
  out << value;
};

} // namespace

TEST_CASE("a secret has one way out") {
  static_assert(printable<std::string> && !printable<secret_string>);
  static_assert(!std::convertible_to<secret_string, std::string> &&
                !std::convertible_to<secret_string, std::string_view>);
  static_assert(!std::convertible_to<std::string, secret_string> && !std::equality_comparable<secret_string>);
  CHECK(secret_string("k").reveal() == "k");
  CHECK(secret_string().empty());
}

TEST_CASE("keys are taken out of text") {
  CHECK(redact("https://x/a?wskey=K1&b=2") == "https://x/a?wskey=***&b=2");
  CHECK(redact("https://x/?b=2&WSKey=K1") == "https://x/?b=2&WSKey=***");
  CHECK(redact("see wskey=K1, api_key=K2 and apikey=K3") == "see wskey=*** api_key=*** and apikey=***");
  CHECK(redact("r?u=http%3A%2F%2Fx%3Fwskey%3DK1%26b") == "r?u=http%3A%2F%2Fx%3Fwskey%3D***%26b");
  CHECK(redact("{\"link\":\"https://x?wskey=K1\"}") == "{\"link\":\"https://x?wskey=***\"}");
  CHECK(redact("X-Api-Key: K1 K2\r\nAccept: a") == "X-Api-Key: ***\r\nAccept: a");
  CHECK(redact("authorization:Bearer K") == "authorization:***");
  CHECK(redact("get http://me:pw@x/a@b and http://x/a@b") == "get http://***@x/a@b and http://x/a@b");
  CHECK(redact("http://a@b@c/") == "http://***@c/");
}

TEST_CASE("text without a key stays as it is") {
  for (const std::string text :
       {"", "wskey", "wskey=", "wskey=&a=1", "https://x/a?b=c#d", "X-Api-Key:", "a://", "key=7"})
    CHECK(redact(text) == text);
}
