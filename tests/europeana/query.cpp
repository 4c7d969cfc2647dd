#include <eucv/europeana/query.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace eucv::europeana;

TEST_CASE("a search becomes one request line, encoded once") {
  auto search = query();
  search.match("vase & \"cup\"")
      .filter(field("skos_concept", "http://data.europeana.eu/concept/31"))
      .filter("TYPE:IMAGE")
      .reuse({reusability::permission, reusability::open})
      .with_media()
      .shuffle(7)
      .rows(100);
  CHECK(search.target("/record/v2/search.json", "AoE/+==") ==
        "/record/v2/search.json?query=vase%20%26%20%22cup%22"
        "&qf=skos_concept%3A%22http%3A%2F%2Fdata.europeana.eu%2Fconcept%2F31%22&qf=TYPE%3AIMAGE"
        "&reusability=open%2Cpermission&media=true&sort=random_7%20asc%2Ceuropeana_id%20asc"
        "&profile=standard&rows=100&cursor=AoE%2F%2B%3D%3D");
}

TEST_CASE("what is left out stays out") {
  CHECK(query().target("/s", "") == "/s?query=%2A%3A%2A&profile=standard&rows=100");
  CHECK(query().rows(500).rows() == 100);
  CHECK(query().rows(0).target("/s?a=b", "*") == "/s?a=b&query=%2A%3A%2A&profile=standard&rows=0&cursor=%2A");
  // The service answers 400-SE to a blank query.
  CHECK(query().match(" ").target("/s", "") == query().target("/s", ""));
  CHECK(query().sort("europeana_id asc").target("/s", "").find("europeana_id%20asc%2C") == std::string::npos);
}

TEST_CASE("every parameter goes out under its name, encoded once") {
  auto search = query();
  search.match("title:\"a&b\"")
      .with_thumbnail()
      .with_landing_page()
      .with_full_text()
      .theme("map")
      .colour("#FFEBCD")
      .colour("#8B0000")
      .facet("RIGHTS", 200)
      .facet("COUNTRY")
      .translate("nl", "en")
      .language("de")
      .boost("{!edismax qf=title^5}")
      .profile("minimal")
      .start(101)
      .rows(24);
  CHECK(search.target("/s", "") ==
        "/s?query=title%3A%22a%26b%22&thumbnail=true&landingpage=true&text_fulltext=true&theme=map"
        "&colourpalette=%23FFEBCD&colourpalette=%238B0000&facet=RIGHTS&facet=COUNTRY"
        "&boost=%7B%21edismax%20qf%3Dtitle%5E5%7D&profile=minimal%2Cfacets&start=101&rows=24"
        "&f.RIGHTS.facet.limit=200&f.COUNTRY.facet.limit=50&lang=de&q.source=nl&q.target=en");
  CHECK(search.json("") ==
        "{\"query\":\"title:\\\"a&b\\\"\",\"thumbnail\":true,\"landingPage\":true,\"textFulltext\":true,\"theme\":"
        "\"map\","
        "\"colourPalette\":[\"#FFEBCD\",\"#8B0000\"],\"facet\":[\"RIGHTS\",\"COUNTRY\"],"
        "\"boost\":\"{!edismax qf=title^5}\",\"profile\":[\"minimal,facets\"],\"start\":101,\"rows\":24}");
}

TEST_CASE("a short search is a GET, a long one a POST with the same in its body") {
  const auto endpoint = eucv::net::parse_url("https://api.europeana.eu/record/v2/search.json").value();
  auto search = query();
  search.filter("TYPE:IMAGE").shuffle(1).language("de");
  const auto brief = search.request(endpoint, "A/+=");
  CHECK(brief.verb == eucv::net::method::get);
  CHECK(brief.target.target == search.target("/record/v2/search.json", "A/+="));
  CHECK(brief.body.empty());

  std::string text;
  for (int i = 0; i < 300; ++i) text += (i == 0 ? "" : " OR ") + ("w" + std::to_string(i));
  const auto extensive = search.match(text).request(endpoint, "A/+=");
  CHECK(extensive.verb == eucv::net::method::post);
  CHECK(extensive.target.str() == "https://api.europeana.eu/record/v2/search.json?lang=de");
  CHECK(eucv::net::find_header(extensive.headers, "content-type") == "application/json");
  CHECK(extensive.body == "{\"query\":\"" + text +
                              "\",\"qf\":[\"TYPE:IMAGE\"],\"sort\":[\"random_1 asc,europeana_id asc\"],"
                              "\"profile\":[\"standard\"],\"rows\":100,\"cursor\":\"A/+=\"}");
  // The border lies at 2,000 bytes of the whole address.
  for (std::size_t size = 1800; size < 2000; ++size) {
    const auto at = search.match(std::string(size, 'x')).request(endpoint, "*");
    const auto whole = endpoint.origin().size() + search.target(endpoint.target, "*").size();
    CHECK((at.verb == eucv::net::method::post) == (whole > query::longest_address));
  }
}

TEST_CASE("a second filter on a field is refused, since the service would OR them") {
  auto search = query();
  search.filter("skos_concept:\"a\"");
  for (const char* second : {"skos_concept:\"b\"", "(skos_concept:\"b\" AND TYPE:IMAGE)"}) try {
      search.filter(second);
      FAIL("accepted");
    } catch (const eucv::error& failure) {
      CHECK(failure.code() == eucv::errc::invalid_argument);
      CHECK(std::string(failure.what()).find("skos_concept already") != std::string::npos);
    }
  search.filter("(TYPE:IMAGE AND skos_concept:\"b\")");
}
