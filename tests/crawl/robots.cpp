#include <eucv/crawl/robots.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

using namespace eucv::crawl;

namespace {

struct example {
  const char* name;
  std::string text;
  std::vector<std::string> allowed, refused;
};

const std::vector<example>& examples() {
  static const std::vector<example> all{
      {"an empty file", "", {"/", "/a"}, {}},
      {"no group", "Disallow: /\n", {"/a"}, {}},
      {"everything refused", "User-agent: *\nDisallow: /\n", {"/robots.txt"}, {"/", "/a", "/a?b"}},
      {"an empty Disallow", "User-agent: *\nDisallow:\n", {"/a"}, {}},
      {"another program's group", "User-agent: other\nDisallow: /\n", {"/a"}, {}},
      {"our group instead of everyone's",
       "User-agent: *\nDisallow: /\n\nUser-agent: eucv\nDisallow: /b\n",
       {"/a"},
       {"/b"}},
      {"our group without rules", "User-agent: *\nDisallow: /\nUser-agent: eucv\n", {"/a"}, {}},
      {"our name in any case, with a version", "user-AGENT: EuCV/1.0 (x)\nDISALLOW: /a\n", {"/b"}, {"/a"}},
      {"a longer name is not ours", "User-agent: eucv-image\nDisallow: /\n", {"/a"}, {}},
      {"a shorter name is not ours", "User-agent: eu\nDisallow: /\n", {"/a"}, {}},
      {"our groups are one",
       "User-agent: eucv\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: eucv\nDisallow: /b\n",
       {"/c"},
       {"/a", "/b"}},
      {"everyone's groups are one",
       "User-agent: *\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n",
       {"/c"},
       {"/a", "/b"}},
      {"two names, one group", "User-agent: x\nUser-agent: eucv\nDisallow: /a\n", {"/b"}, {"/a"}},
      {"blank lines and other records end no group",
       "User-agent: eucv\n\nSitemap: https://x/s.xml\nUser-agent: x\nDisallow: /a\n",
       {"/b"},
       {"/a"}},
      {"rules before any name", "Disallow: /a\nUser-agent: eucv\nDisallow: /b\n", {"/a"}, {"/b"}},
      {"the longest match",
       "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c\n",
       {"/a/b", "/a/bx", "/x"},
       {"/a", "/a/c", "/a/b/c"}},
      {"the longest match in any order", "User-agent: *\nAllow: /a/b\nDisallow: /a\n", {"/a/b"}, {"/a/x"}},
      {"Allow wins a tie", "User-agent: *\nDisallow: /a\nAllow: /a\n", {"/a"}, {}},
      {"the case of paths counts", "User-agent: *\nDisallow: /A\n", {"/a"}, {"/A"}},
      {"a pattern is a beginning",
       "User-agent: *\nDisallow: /fish\n",
       {"/Fish", "/catfish", "/?id=fish"},
       {"/fish", "/fish.html", "/fishheads", "/fish?id=1"}},
      {"a folder", "User-agent: *\nDisallow: /fish/\n", {"/fish", "/fish.html"}, {"/fish/", "/fish/a"}},
      {"a star", "User-agent: *\nDisallow: /*.php\n", {"/", "/windows.PHP"}, {"/x.php", "/a/x.php?b", "/index.phpx"}},
      {"a star in the middle",
       "User-agent: *\nDisallow: /fish*.php\n",
       {"/Fish.PHP", "/fish"},
       {"/fish.php", "/fishheads/catfish.php?a"}},
      {"a star at the end says nothing", "User-agent: *\nDisallow: /fish*\n", {"/Fish"}, {"/fish", "/fishes"}},
      {"an end", "User-agent: *\nDisallow: /*.php$\n", {"/x.php?a", "/x.php/", "/x.php5"}, {"/x.php", "/a/b.php"}},
      {"an end without a star", "User-agent: *\nDisallow: /a$\n", {"/a/", "/ab"}, {"/a"}},
      {"an end that overlaps the part before it", "User-agent: *\nDisallow: /ab*b$\n", {"/ab"}, {"/abb", "/abab"}},
      {"many stars",
       "User-agent: *\nDisallow: /*a*a*a*a*b\n",
       {"/" + std::string(2000, 'a')},
       {"/aaaab", "/xaxaxaxaxb"}},
      {"a star and a dollar by their codes",
       "User-agent: *\nDisallow: /a%2a\nDisallow: /b%24\n",
       {"/ax", "/b"},
       {"/a*", "/b$", "/a%2A"}},
      {"a dollar in the middle is one", "User-agent: *\nDisallow: /a$b\n", {"/a"}, {"/a$b", "/a%24b"}},
      {"letters by their codes", "User-agent: *\nDisallow: /%62\nDisallow: /a%7eb\n", {"/c"}, {"/b", "/a~b", "/a%7Eb"}},
      {"codes in any case", "User-agent: *\nDisallow: /a%2fb\n", {"/a/b"}, {"/a%2Fb", "/a%2fb"}},
      {"UTF-8 and its codes",
       "User-agent: *\nDisallow: /\xE3\x83\x84\n",
       {"/%E3%83%85"},
       {"/%E3%83%84", "/%e3%83%84x"}},
      {"queries", "User-agent: *\nDisallow: /*?size=full\n", {"/a?size=small"}, {"/a?size=full&x"}},
      {"comments", "# hello\nUser-agent: * # all\nDisallow: /a # not this\n#Disallow: /b\n", {"/b"}, {"/a"}},
      {"a byte order mark", "\xEF\xBB\xBFUser-agent: *\nDisallow: /a\n", {"/b"}, {"/a"}},
      {"ends of lines of an old Mac", "User-agent: *\rDisallow: /a\rDisallow: /b\r", {"/c"}, {"/a", "/b"}},
      {"ends of lines of Windows", "User-agent: *\r\nDisallow: /a\r\n\r\nDisallow: /b\r\n", {"/c"}, {"/a", "/b"}},
      {"no end of the last line", "User-agent: *\nDisallow: /a", {"/b"}, {"/a"}},
      {"blanks and tabs", " \tUser-agent\t:\t* \n  Disallow :/a\t\n", {"/b"}, {"/a"}},
      {"a page instead of rules", "<!DOCTYPE html>\n<title>Sorry: no</title>\n", {"/a"}, {}},
      {"zeros and noise", std::string("\0\xFF:\nUser-agent: *\nDisallow: /a\n\0:::\n", 36), {"/b"}, {"/a"}},
      {"a pattern without a slash matches nothing", "User-agent: *\nDisallow: a\n", {"/a", "/ba"}, {}},
      {"rules beyond the limit",
       "User-agent: *\nDisallow: /a\n#" + std::string(robots_limit, 'x') + "\nDisallow: /b\n",
       {"/b"},
       {"/a"}},
      {"a rule cut by the limit",
       "User-agent: *\nDisallow: /a\n" + std::string(robots_limit - 27 - 12, '\n') + "Disallow: /abc/def\n",
       {"/b", "/"},
       {"/a"}},
  };
  return all;
}

} // namespace

TEST_CASE("robots.txt, by example") {
  CHECK(examples().size() >= 30);
  for (const auto& [name, text, allowed, refused] : examples()) {
    const robots rules = parse_robots(text, "eucv");
    for (const auto& target : allowed) CHECK_MESSAGE(rules.allows(target), name << ": " << target.substr(0, 40));
    for (const auto& target : refused) CHECK_MESSAGE(!rules.allows(target), name << ": " << target.substr(0, 40));
  }
}

TEST_CASE("a name alone means everyone's rules or none of them") {
  // A group that names us and has no rules of its own shares those that follow; here none do.
  const robots ours = parse_robots("User-agent: *\nDisallow: /\n\nUser-agent: eucv\n", "eucv");
  CHECK(ours.rules.empty());
  CHECK(ours.allows("/a"));
}

TEST_CASE("the delay between requests") {
  using std::chrono::milliseconds;
  CHECK(parse_robots("User-agent: *\nCrawl-delay: 2\n", "eucv").crawl_delay == milliseconds(2000));
  CHECK(parse_robots("User-agent: eucv\nCrawl-delay: 0.5\n", "eucv").crawl_delay == milliseconds(500));
  for (const char* text : {"User-agent: x\nCrawl-delay: 2\n", "User-agent: *\nCrawl-delay: -1\n", "Crawl-delay: 2\n",
                           "User-agent: *\nCrawl-delay: soon\n", "User-agent: *\nCrawl-delay: nan\n",
                           "User-agent: *\nCrawl-delay: 1e99\n", "User-agent: *\nCrawl-delay:\n"})
    CHECK_FALSE(parse_robots(text, "eucv").crawl_delay);
}

TEST_CASE("an origin that is to be left alone") {
  CHECK_FALSE(no_robots().allows("/"));
  CHECK_FALSE(no_robots().allows("/a?b"));
  CHECK(robots().allows("/a"));
}

TEST_CASE("rules that are made to cost time cost no more than their share, and close the host") {
  const std::string head = "User-agent: *\n", longest_target = "/" + std::string(8000, 'a');
  const auto filled = [&](const std::string& line) {
    std::string text = head;
    while (text.size() + line.size() <= robots_limit) text += line;
    return parse_robots(text, "eucv");
  };
  const std::string many_a(1000, 'a');
  std::string stars;
  for (int i = 0; i < 500; ++i) stars += "*a";
  for (const std::string& pattern :
       {"/*" + many_a + "b", "/" + stars + "b$", std::string("/*a*b"), std::string("*$b")}) {
    CAPTURE(pattern.substr(0, 20));
    const robots rules = filled("Disallow: " + pattern + "\n");
    CHECK(rules.rules.size() > 100);
    const auto verdict = rules.judge(longest_target);
    CHECK(verdict.steps <= robots_steps);
    if (pattern != "*$b") CHECK_FALSE(verdict.allowed);
  }
  // As many rules as fit, as honest files have them: no address takes more than a few steps a rule.
  const robots honest = filled("Disallow: /private/*.pdf$\n");
  const auto verdict = honest.judge("/images/a/long/way/down/to/the/picture.jpg?size=full");
  CHECK(verdict.allowed);
  CHECK(verdict.steps <= 4 * honest.rules.size());
  CHECK_FALSE(honest.allows("/private/a.pdf"));
}

TEST_CASE("a star takes as little as it must and as much as it may") {
  const auto refuses = [](const std::string& pattern, const std::string& target) {
    return !parse_robots("User-agent: *\nDisallow: " + pattern + "\n", "eucv").allows(target);
  };
  CHECK(refuses("/*ab*ab$", "/abab"));
  CHECK(refuses("/*ab$", "/abcab"));
  CHECK(refuses("/a*", "/a"));
  CHECK(refuses("/**b", "/ab"));
  CHECK(refuses("/*$", "/anything"));
  CHECK(refuses("/*aab", "/aaaab"));
  CHECK_FALSE(refuses("/*ab*ab$", "/aba"));
  CHECK_FALSE(refuses("/*ab$", "/abc"));
  CHECK_FALSE(refuses("/a$", "/ab"));
}
