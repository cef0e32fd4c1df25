"""Eyes at home: visits planned and marked, the phones that send them, needs raised from there."""
