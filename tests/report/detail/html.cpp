#include <eucv/report/detail/html.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace eucv::report;

TEST_CASE("text is escaped, whatever it holds") {
  CHECK(escape("<a href='x' title=\"y\">&</a>") == "&lt;a href=&#39;x&#39; title=&quot;y&quot;&gt;&amp;&lt;/a&gt;");
  CHECK(escape("Zürich \xe2\x82\xac\t\n") == "Zürich \xe2\x82\xac\t\n");
  CHECK(escape("a\xff"
               "b\x01\x7f") == "a\xef\xbf\xbd"
                               "b\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(escape("\xc0\xbc") == "\xef\xbf\xbd\xef\xbf\xbd"); // an overlong <
}

TEST_CASE("a long name may be broken where its parts meet") {
  CHECK(breakable("a_b/<c>.jpg") == "a_<wbr>b/<wbr>&lt;c&gt;.jpg");
}

TEST_CASE("base64 as RFC 4648 has it") {
  const char* const expected[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
  for (std::size_t i = 0; i <= 6; ++i) CHECK(base64(std::string("foobar").substr(0, i)) == expected[i]);
  CHECK(base64(std::string("\0\xff\xfe", 3)) == "AP/+");
  CHECK(jpeg_source("f") == "data:image/jpeg;base64,Zg==");
}

TEST_CASE("a policy names a script by its digest") {
  // printf "alert('Hello, world.');" | openssl dgst -sha256 -binary | base64, the example of the standard
  CHECK(policy_source("alert('Hello, world.');") == "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='");
}

TEST_CASE("numbers that are none are a dash") {
  CHECK(number(0.12345) == "0.123");
  CHECK(number(std::nan(""), 1) == "–");
  CHECK(percent(0.875) == "87.5\u00a0%");
  CHECK(percent(std::numeric_limits<double>::infinity()) == "–");
  CHECK(short_number(0.00316227) == "0.0032");
  CHECK(short_number(1.5e-5) == "1.5e-05");
}
