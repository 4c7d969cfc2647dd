#include <eucv/net/url.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using eucv::net::parse_url;
using eucv::net::resolve_url;

namespace {

std::string normal(std::string_view text) {
  const auto address = parse_url(text);
  return address ? address->str() : "refused";
}

std::string why(std::string_view text) {
  const auto address = parse_url(text);
  REQUIRE_FALSE(address);
  CHECK(address.error().code() == eucv::errc::bad_url);
  return address.error().text().why;
}

} // namespace

TEST_CASE("an address is taken apart") {
  const auto address = parse_url("https://Images.Museum.example:8443/a/b?x=1#part");
  REQUIRE(address);
  CHECK(address->scheme == "https");
  CHECK(address->host == "images.museum.example");
  CHECK(address->port == 8443);
  CHECK(address->target == "/a/b?x=1");
  CHECK(address->origin() == "https://images.museum.example:8443");
  CHECK(parse_url("http://x")->port == 80);
  CHECK(parse_url("https://x")->port == 443);
  for (const std::string port : {"81", "591", "1024", "3000", "5000", "6001", "8000", "8080", "8443", "9090", "65535"})
    CHECK(parse_url("http://x:" + port));
}

TEST_CASE("addresses become what can be sent") {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"HTTP://Ex.org:80", "http://ex.org/"},
      {"  https://x:443/a  ", "https://x/a"},
      {"http://x:/", "http://x/"},
      {"http://x?q", "http://x/?q"},
      {"http://x#f", "http://x/"},
      {"http://x/a b/\xc3\xbc?x=[1]|\"#f[#", "http://x/a%20b/%C3%BC?x=%5B1%5D%7C%22"},
      {"http://x/%7euser/%c3%bc", "http://x/%7euser/%c3%bc"}, // byte by byte: it may be signed
      {"http://x/100%/%zz%4", "http://x/100%25/%25zz%254"},
      {"http://x//a//b", "http://x//a//b"},
      {"http://x/iiif/http://y/z?u=http://[::1]/", "http://x/iiif/http://y/z?u=http://%5B::1%5D/"},
      {"http://x/a/./b/../c/.", "http://x/a/c/"},
      {"http://x/a/%2e%2E/%2e/b", "http://x/b"},
      {"http://x/../../etc", "http://x/etc"},
      {"http://x/..", "http://x/"},
      {"http://x/.../..a/a..", "http://x/.../..a/a.."},
      {"http://[::FFFF:127.0.0.1]:8/", "http://[::ffff:127.0.0.1]:8/"},
      {"http://a_b.example/", "http://a_b.example/"},
      {"http://x\\y/", "refused"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(normal(text) == expected);
  }
}

TEST_CASE("what is no http or https address is refused with the reason") {
  CHECK(why("ftp://x/") == "its scheme is ftp");
  CHECK(why("file:///etc/passwd") == "its scheme is file");
  CHECK(why("javascript:alert(1)") == "its scheme is javascript");
  CHECK(why("data:text/html,x") == "its scheme is data");
  CHECK(why("http://user@x/") == "it holds a user name or password");
  CHECK(why("http://public.example@127.0.0.1/") == "it holds a user name or password");
  CHECK(why("http://x:0/") == "its port is not in 1 to 65535");
  for (const std::string port : {"1", "22", "25", "110", "139", "465", "2049", "5060", "6000", "6667", "10080"})
    CHECK(why("http://x:" + port + "/") == "its port is one of another service than the web");
  CHECK(why("http://x:65536/") == "its port is not in 1 to 65535");
  CHECK(why("http://x:99999999999999999999/") == "its port is not in 1 to 65535");
  CHECK(why("http://x/a\nHost: y") == "it holds control characters");
  CHECK(why(std::string_view("http://x/\0", 10)) == "it holds control characters");
  CHECK(why("http://x\x7f/") == "it holds control characters");
  for (const std::string text : {"", "x", "/a", "//x/y", "http:", "http://", "http:///a", "http:/x", "http://a%2eb/",
                                 "http://\xc3\xa4.example/", "http://a b/", "http://[::1/", "http://[v1.x]/",
                                 "http://[fe80::1%25eth0]/", "http://x:y/", "http://x:-1/", "http://x:80 /", "://x"}) {
    CAPTURE(text);
    CHECK(normal(text) == "refused");
  }
  CHECK(normal("http://" + std::string(300, 'a') + "/") == "refused");
}

TEST_CASE("a refusal tells neither password nor raw control characters") {
  const auto address = parse_url("http://me:SECRET@x/?wskey=CANARY\x1b[2J");
  REQUIRE_FALSE(address);
  const std::string message = address.error().what();
  CHECK(message.find("SECRET") == std::string::npos);
  CHECK(message.find("CANARY") == std::string::npos);
  CHECK(message.find('\x1b') == std::string::npos);
}

TEST_CASE("references resolve as in RFC 3986, section 5.4") {
  const auto base = parse_url("http://a/b/c/d;p?q");
  REQUIRE(base);
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"g", "http://a/b/c/g"},
      {"./g", "http://a/b/c/g"},
      {"g/", "http://a/b/c/g/"},
      {"/g", "http://a/g"},
      {"//g", "http://g/"},
      {"?y", "http://a/b/c/d;p?y"},
      {"g?y", "http://a/b/c/g?y"},
      {"#s", "http://a/b/c/d;p?q"},
      {"g#s", "http://a/b/c/g"},
      {"g?y#s", "http://a/b/c/g?y"},
      {";x", "http://a/b/c/;x"},
      {"g;x", "http://a/b/c/g;x"},
      {"", "http://a/b/c/d;p?q"},
      {".", "http://a/b/c/"},
      {"./", "http://a/b/c/"},
      {"..", "http://a/b/"},
      {"../", "http://a/b/"},
      {"../g", "http://a/b/g"},
      {"../..", "http://a/"},
      {"../../g", "http://a/g"},
      {"../../../g", "http://a/g"},
      {"../../../../g", "http://a/g"},
      {"/./g", "http://a/g"},
      {"/../g", "http://a/g"},
      {"g.", "http://a/b/c/g."},
      {".g", "http://a/b/c/.g"},
      {"g..", "http://a/b/c/g.."},
      {"..g", "http://a/b/c/..g"},
      {"./../g", "http://a/b/g"},
      {"./g/.", "http://a/b/c/g/"},
      {"g/./h", "http://a/b/c/g/h"},
      {"g/../h", "http://a/b/c/h"},
      {"g;x=1/../y", "http://a/b/c/y"},
      {"g?y/../x", "http://a/b/c/g?y/../x"},
      // as servers write them
      {"/a b?c|", "http://a/a%20b?c%7C"},
      {"//H:80//c//d/../e", "http://h//c//e"},
      {"https://z/", "https://z/"},
      {"/r?to=http://[x]/", "http://a/r?to=http://%5Bx%5D/"},
      {"r?to=http://[x]/", "http://a/b/c/r?to=http://%5Bx%5D/"},
  };
  for (const auto& [reference, expected] : cases) {
    CAPTURE(reference);
    const auto address = resolve_url(*base, reference);
    REQUIRE(address);
    CHECK(address->str() == expected);
  }
  for (const std::string reference :
       {"file:///etc/passwd", "data:,x", "//u@g/", "g:h", "http:g", "/a\rb", "//", "http://"}) {
    CAPTURE(reference);
    const auto address = resolve_url(*base, reference);
    REQUIRE_FALSE(address);
    CHECK(address.error().code() == eucv::errc::bad_url);
  }
}

TEST_CASE("a query component is encoded") {
  CHECK(eucv::net::percent_encode("a b&c=d/\xc3\xa9\"+%~-._") == "a%20b%26c%3Dd%2F%C3%A9%22%2B%25~-._");
  CHECK(eucv::net::percent_encode(std::string_view("\0\xff", 2)) == "%00%FF");
}

TEST_CASE("a reference with a scheme of its own needs no base") { // found by fuzzing: "a:?" ended the program
  const auto base = eucv::net::parse_url("https://museum.example/a/b");
  for (const char* text : {"J.W:?", "a:?", "http:?", "https:", "http:#", "x:y?z", "mailto:a@b"}) {
    CAPTURE(text);
    CHECK_FALSE(resolve_url(*base, text));
  }
  CHECK(resolve_url(*base, "http://other.example/../c")->str() == "http://other.example/c");
}
