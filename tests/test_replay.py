"""Past auctions through the real engine: the figures that the rules promise."""

from pathlib import Path

import pytest

from auctionapp.replay import UnreadableFile, read, replay

SAMPLE = Path(__file__).parent / "data" / "ebay_bids_sample.csv"
HEADER = "auction,item,duration_days,bid_time_days,bidder,bid,opening_bid,closing_price\n"


def test_the_sample_of_305_real_auctions_closes_at_the_recorded_prices():
    tally = replay(SAMPLE, lambda tally: None)
    assert tally.line == ("305 auctions: 294 exact, 305 exact or explained by a reserve, 28 refused "
                          "(28 own maximum again, 0 below the minimum)")
    assert tally.bids == 5243


@pytest.mark.parametrize("content", [
    "nonsense\n1\n",
    HEADER + "1,Watch,3,0.5,b1,NaN,1.00,2.00\n",
    HEADER + "1,Watch,three,0.5,b1,1.00,1.00,2.00\n",
    HEADER + "1,Watch,3,0.5,b1,1.00\n",
    HEADER + "1,W,3,0.5,b1,1,1,2\n2,W,3,0.5,b1,1,1,2\n1,W,3,0.6,b1,2,1,2\n",
])
def test_a_file_that_is_not_of_past_auctions_is_refused_with_the_place(tmp_path, content):
    file = tmp_path / "bids.csv"
    file.write_text(content)
    with pytest.raises(UnreadableFile):
        list(read(file))
