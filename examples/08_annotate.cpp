// State what is in the pictures of a search: annotations for Europeana's Annotation API, with the evidence beside them.
//
//     EUROPEANA_API_KEY=... 08_annotate MODEL FOLDER QUERY [ENDPOINT]
//
// Run again to go on: nothing is stated twice. With an ENDPOINT of your own, private addresses are allowed.
#include <eucv/classify/digest.hpp>
#include <eucv/enrich/classify_stream.hpp>
#include <eucv/enrich/ledger.hpp>
#include <eucv/enrich/search_items.hpp>
#include <eucv/net/client.hpp>
#include <eucv/net/run.hpp>

#include <chrono>
#include <iostream>

namespace enrich = eucv::enrich;

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "usage: 08_annotate MODEL FOLDER QUERY [ENDPOINT]\n";
    return 2;
  }
  try {
    eucv::net::client_options connection;
    if (count > 4) connection.addresses = eucv::net::address_rule::any;
    eucv::net::client web(connection);
    eucv::europeana::client api(web, eucv::europeana::api_key_from_environment());
    if (count > 4) api.at(eucv::europeana::search_endpoint(arguments[4]));

    auto model = eucv::classify::classifier::load(arguments[1]);
    // A model with thresholds knows better when it is right; then leave the 0.9 out.
    enrich::enricher rule(model.about(), eucv::classify::model_digest(arguments[1]), {.least_probability = 0.9});
    enrich::ledger book(arguments[2], rule);

    const enrich::search_limits limits{.most = 1000};
    const enrich::item_feed search = [&](enrich::item_channel& items) {
      return enrich::search_items(api, enrich::picture_query(arguments[3], limits), limits, items);
    };
    const enrich::item_filter wanted = [&](const enrich::item& one) { return rule.wants(one); };
    std::size_t known = 0;
    const enrich::classified_sink state = [&](const enrich::classified& one) {
      if (!one.ranked) return; // a dead link, or no picture: one.ranked.error() says why
      const auto said = rule.judge(one, enrich::utc_text(std::chrono::system_clock::now()));
      known += said.known.size();
      book.append(said);
    };
    eucv::net::run(enrich::classify_stream(web, model, search, state, wanted));
    std::cout << book.statements() << " statements on " << book.records() << " records, " << known << " known before\n";
    return 0;
  } catch (const eucv::error& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
  }
}
